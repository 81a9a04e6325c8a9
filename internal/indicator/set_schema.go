package indicator

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfduration"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfvalid"
)

func setSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Threat indicators (IoCs) by the thousand that share their settings: a feed, a campaign, a ticket. A plan shows one line for each value that is added, changed or removed, and an apply writes only what differs from the tenant, 500 records a call.\n\n" +
			"What somebody has changed behind Terraform's back shows on the line of its value, such as `drift: title = \"portal\"` in the place of the note, and the next apply mends it. " +
			"A record that exists already is never taken over silently: its value is refused, unless `adopt_existing` says otherwise, or the record equals the configuration in everything, or it has the same `application`, as when values move from one set to another.\n\n" +
			"A creation that could save some of its values ends with a warning that names the others; they leave the state at the next refresh, and the next apply sends only them. There is no import: `adopt_existing` takes over what is there and writes only what differs.\n\n" +
			tfdiag.Needs(permissions()) + "; with the second the service shows this application's own records only, so that somebody else's record of the same value cannot be seen beforehand.\n\n" +
			"Destroying the resource deletes the records of all its values, 500 a call. Values whose records could not be deleted stay in the state, and the error names them. Records that the set took over unseen, as can happen with `Ti.ReadWrite`, stay unless `adopt_existing` is true.",
		Attributes: setAttributes(),
	}
}

func setAttributes() map[string]schema.Attribute {
	all := sharedAttributes()
	all["id"] = schema.StringAttribute{
		Computed:            true,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		MarkdownDescription: "A UUID, made when the set is created. The service does not know sets.",
	}
	all["indicator_type"] = schema.StringAttribute{
		Optional:   true,
		Validators: []validator.String{stringvalidator.OneOf(append(indicatorTypes(), "")...)},
		MarkdownDescription: "What the values are: " + orList(indicatorTypes()) + ". Unset, it is inferred for each value, so that a set may mix them: from the number of hexadecimal digits, the form of an address, the `://` of a URL, the dot of a domain. " +
			"A thumbprint of a certificate looks like a SHA-1 hash of a file: certificates need the type. Changing it deletes the records and creates others.",
	}
	all["indicators"] = schema.MapAttribute{
		ElementType: types.StringType,
		Required:    true,
		MarkdownDescription: "The values, each with a note: hashes, thumbprints, addresses, domains or URLs, up to 15,000. A note that is not empty is the description of that value's record; an empty one, or null, leaves it the shared `description`. " +
			"Values compare as the service compares them, and two keys that mean the same value are an error. A `for` expression makes the map of a list, or of the rows of a CSV file.",
	}
	all["expired_count"] = schema.Int64Attribute{
		Computed:            true,
		PlanModifiers:       []planmodifier.Int64{zeroStays{}},
		MarkdownDescription: "How many of the values have expired, so that the service has removed their records. They stay in `indicators` without a diff, unless `renew_before` is set.",
	}
	all["timeouts"] = tfduration.TimeoutsAttribute(timeoutDefaults())
	return all
}

// sharedAttributes are the settings of the records, as they are for a set.
func sharedAttributes() map[string]schema.Attribute {
	all := settingsSchema()
	all["action"] = schema.StringAttribute{
		Required:   true,
		Validators: []validator.String{stringvalidator.OneOf(actions()...)},
		MarkdownDescription: "What devices do: " + orList(actions()) + ". `Alert` and `AlertAndBlock` are old names that still work: the first is `Audit`, the second `BlockAndRemediate` with `generate_alert`. " +
			fmt.Sprintf("Changing it updates in place: the new records are submitted before the old ones are deleted, in chunks no larger than the free places among the tenant's 15,000. With no place free, chunks of at most %d are deleted first, which the plan announces.", chunk),
	}
	all["description"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "Why the indicators exist: what the analyst reads who meets their alert. A value's own note takes its place.",
	}
	all["application"] = schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "Name of what made the indicators, such as a repository or a feed. An existing record with the same name is taken over with a warning, so that values can move between resources that share it. " +
			fmt.Sprintf("The service sets it at creation only: changing it deletes the records and imports them again, in chunks of at most %d, which the plan announces.", chunk),
	}
	all["expiration_time"] = schema.StringAttribute{
		Optional:            true,
		Validators:          []validator.String{tfvalid.RFC3339()},
		MarkdownDescription: "When the service removes the records, in RFC 3339 such as `2027-01-31T00:00:00Z`, to the second. Unset, they never expire, unless `expires_in` says otherwise. A time in the past is an error when it is new or changed.",
	}
	all["expires_in"] = schema.StringAttribute{
		CustomType:          tfduration.Type{},
		Optional:            true,
		Validators:          []validator.String{tfvalid.ConflictsWith(path.Root("expiration_time"))},
		MarkdownDescription: "How long each record lives from its own creation, such as `12h` or `30d`, in the place of `expiration_time`. Changing it counts anew for all.",
	}
	all["renew_before"] = schema.StringAttribute{
		CustomType:          tfduration.Type{},
		Optional:            true,
		Validators:          []validator.String{tfvalid.AlsoRequires(path.Root("expires_in"))},
		MarkdownDescription: "How long before its end a record with `expires_in` is renewed by an apply, such as `7d`; one that has expired since is created again. The plan shows it on the value's line. Unset, nothing is renewed: expired values stay in the state without a diff.",
	}
	all["adopt_existing"] = schema.BoolAttribute{
		Optional:            true,
		MarkdownDescription: "Whether existing records of the same value, type and action are taken over, when the set is created and when values are added; what differs is overwritten. A record with another `application` is deleted and created again, as the service cannot change that. The plan warns of what will be taken over. Defaults to false.",
	}
	return all
}

// zeroStays plans a count of zero to stay: nothing that a plan does lets a
// record expire.
type zeroStays struct{}

// Description implements planmodifier.Describer.
func (zeroStays) Description(context.Context) string { return "A count of zero stays." }

// MarkdownDescription implements planmodifier.Describer.
func (m zeroStays) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

// PlanModifyInt64 implements planmodifier.Int64.
func (zeroStays) PlanModifyInt64(_ context.Context, req planmodifier.Int64Request, resp *planmodifier.Int64Response) {
	if req.PlanValue.IsUnknown() && req.StateValue.ValueInt64() == 0 {
		resp.PlanValue = types.Int64Value(0)
	}
}
