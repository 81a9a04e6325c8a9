package indicator

import (
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfduration"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfidentity"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfvalid"
)

// timeoutDefaults leave room for waiting out the quota of an hour's start when
// many indicators are written at once.
func timeoutDefaults() tfduration.Defaults {
	return tfduration.Defaults{Create: 30 * time.Minute, Read: 10 * time.Minute, Update: 30 * time.Minute, Delete: 30 * time.Minute}
}

func resourceSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A threat indicator (IoC) of the tenant: a file, certificate, address, domain or URL, and what devices do when they meet it.\n\n" +
			"The service keys a record by value, type and action. A record that exists already is never taken over silently: creation fails with an `import` block to paste, unless `adopt_existing` says otherwise, or the record equals the configuration in everything, or it has the same `application`. " +
			"A change of `action` is an update in place without a gap: the new record is submitted before the old one is deleted. Devices pick changes up within minutes to hours.\n\n" +
			tfdiag.Needs(permissions()) + "; with the second the service shows this application's own records only, so that somebody else's record of the same value cannot be seen beforehand.\n\n" +
			"Destroying the resource deletes the record, so that devices no longer act on it. A record that this resource took over unseen, as can happen with `Ti.ReadWrite`, stays unless `adopt_existing` is true; of one that has expired there is nothing left to delete.",
		Attributes: attributes(),
	}
}

func attributes() map[string]schema.Attribute {
	all := settingsSchema()
	all["id"] = schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "The service's id of the record. A change of `action` gives a new one.",
	}
	all["indicator_value"] = schema.StringAttribute{
		Required: true,
		MarkdownDescription: "What to look for, in the form of its `indicator_type`: a hash or thumbprint in hexadecimal digits, a single IPv4 or IPv6 address (no ranges), a domain without wildcard, or a URL with its scheme. " +
			"Values compare as the service compares them: hashes, domains and hosts without letter case, IPv6 by address. Changing it to another value replaces the indicator.",
	}
	all["indicator_type"] = schema.StringAttribute{
		Required:            true,
		Validators:          []validator.String{stringvalidator.OneOf(indicatorTypes()...)},
		MarkdownDescription: "What the value is: " + orList(indicatorTypes()) + ". A certificate is named by its SHA-1 thumbprint. Prefer `FileSha256` for files: of several hashes of one file the longer type wins. Changing it replaces the indicator.",
	}
	all["expired"] = schema.BoolAttribute{
		Computed:            true,
		MarkdownDescription: "Whether `expiration_time` has come and the service has removed the record. An expired indicator stays in the state without a diff; a new `expiration_time` creates it again, and any other change of it is an error.",
	}
	all["timeouts"] = tfduration.TimeoutsAttribute(timeoutDefaults())
	return all
}

// settingsSchema are the attributes that the records of a set can share.
func settingsSchema() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"action": schema.StringAttribute{
			Required:   true,
			Validators: []validator.String{stringvalidator.OneOf(actions()...)},
			MarkdownDescription: "What devices do: " + orList(actions()) + ". `Alert` and `AlertAndBlock` are old names that still work: the first is `Audit`, the second `BlockAndRemediate` with `generate_alert`. " +
				"Changing it updates in place: the new record is submitted before the old one is deleted.",
		},
		"title": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Title of the indicator and of the alerts that it raises.",
		},
		"description": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Why the indicator exists: what the analyst reads who meets its alert.",
		},
		"severity": schema.StringAttribute{
			Optional:            true,
			Computed:            true,
			Default:             stringdefault.StaticString(defaultSeverity),
			Validators:          []validator.String{stringvalidator.OneOf(append(severities(), "")...)},
			MarkdownDescription: "Severity of the alerts: " + orList(severities()) + ". Defaults to `" + defaultSeverity + "`.",
		},
		"application": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Name of what made the indicator, such as a repository or a feed. An existing record with the same name is taken over with a warning, so that indicators can move between resources that share it. The service sets it at creation only: changing it replaces the indicator.",
		},
		"expiration_time": schema.StringAttribute{
			Optional:            true,
			Computed:            true,
			Validators:          []validator.String{tfvalid.RFC3339()},
			MarkdownDescription: "When the service removes the record, in RFC 3339 such as `2027-01-31T00:00:00Z`, to the second. Unset, the indicator never expires, unless `expires_in` says otherwise. A time in the past is an error when it is new or changed.",
		},
		"expires_in": schema.StringAttribute{
			CustomType:          tfduration.Type{},
			Optional:            true,
			Validators:          []validator.String{tfvalid.ConflictsWith(path.Root("expiration_time"))},
			MarkdownDescription: "How long the record lives, such as `12h` or `30d`, in the place of `expiration_time`. The time is fixed when the record is created, and again when `expires_in` changes; later applies leave it alone.",
		},
		"renew_before": schema.StringAttribute{
			CustomType:          tfduration.Type{},
			Optional:            true,
			Validators:          []validator.String{tfvalid.AlsoRequires(path.Root("expires_in"))},
			MarkdownDescription: "How long before its end a record with `expires_in` is renewed by an apply, such as `7d`; one that has expired since is created again. Unset, nothing is renewed: an expired indicator stays in the state without a diff.",
		},
		"recommended_actions": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "What the analyst who meets the alert should do.",
		},
		"educate_url": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Address of a support page, linked in the notice that users see. It has an effect for indicators of type `Url` that warn or block, and is an error elsewhere.",
		},
		"generate_alert": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether a match raises an alert. Unset, it is what the action demands: true for `Audit`, `Alert` and `AlertAndBlock`, which cannot do without, else false.",
		},
		"rbac_group_names": schema.SetAttribute{
			ElementType:         types.StringType,
			Optional:            true,
			Validators:          []validator.Set{setvalidator.NoNullValues()},
			MarkdownDescription: "Device groups that the indicator is for. Unset or empty, it is for all devices.",
		},
		"adopt_existing": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether creation takes over an existing record of the same value, type and action and overwrites its settings. A record with another `application` is deleted and created again, as the service cannot change that. The plan warns of what will be taken over. Defaults to false.",
		},
	}
}

func identitySchema() identityschema.Schema {
	return tfidentity.Schema("id", "The service's id of the record.")
}

// orList writes words as code: `a`, `b` or `c`.
func orList(words []string) string {
	last := len(words) - 1
	return "`" + strings.Join(words[:last], "`, `") + "` or `" + words[last] + "`"
}
