package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/mde-as-code/terraform-provider-mde/internal/guardrail"
)

// guardrailsAttribute has lists and no sets, which the framework compares in
// quadratic time.
func guardrailsAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Rules that bound what a configuration may do, so that a mistake in it fails in review and not in the tenant. They bind what is new or changed in a plan, never what stays as it is and never a destroy, `max_indicator_deletions` apart. " +
			"They are checked while planning, as far as values are known, and again before anything is written. A rule that is left out, null or empty binds nothing. See the [guide](guides/guardrails).",
		Attributes: map[string]schema.Attribute{
			string(guardrail.ProtectedValues): schema.ListAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "Domains, IP addresses, ranges in CIDR notation, and hashes that no indicator may block or warn of, that is with the actions `Block`, `BlockAndRemediate`, `AlertAndBlock` or `Warn`. " +
					"A domain covers its subdomains and every URL on them, and the domains above it, whose block would include it; a range covers its addresses and the URLs on them.",
			},
			string(guardrail.AllowedActions): schema.ListAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "The only actions that indicators may have. The older names count as what they mean: `AlertAndBlock` as `BlockAndRemediate`, `Alert` as `Audit`.",
			},
			string(guardrail.RequireExpiration): schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether every indicator must expire, by `expiration_time` or `expires_in`.",
			},
			string(guardrail.MaxIndicatorDeletions): schema.Int64Attribute{
				Optional:            true,
				Validators:          []validator.Int64{int64validator.AtLeast(0)},
				MarkdownDescription: "How many indicators one apply may delete at most, in all resources together. An indicator that moves to another resource or changes its action is not deleted. `0` forbids all deletions.",
			},
			string(guardrail.MaxRuns): schema.Int64Attribute{
				Optional:            true,
				Validators:          []validator.Int64{int64validator.AtLeast(0)},
				MarkdownDescription: "How many live-response runs one apply may start at most. Where several resources are the same in device, commands and triggers, the plan counts them once and the apply each time it starts one. `0` forbids all runs.",
			},
			string(guardrail.RequireSHA256): schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether the PutFile and RunScript commands of a live-response run must have a `sha256`, which binds the run to the content that was reviewed.",
			},
		},
	}
}

// guardrailsModel is the guardrails object.
type guardrailsModel struct {
	ProtectedValues       types.List  `tfsdk:"protected_values"`
	AllowedActions        types.List  `tfsdk:"allowed_actions"`
	RequireExpiration     types.Bool  `tfsdk:"require_expiration"`
	MaxIndicatorDeletions types.Int64 `tfsdk:"max_indicator_deletions"`
	MaxRuns               types.Int64 `tfsdk:"max_runs"`
	RequireSHA256         types.Bool  `tfsdk:"require_sha256"`
}

// resolveGuardrails reads the rules, and reports those that cannot be meant.
// What is unknown while planning binds nothing yet: the apply knows it.
func resolveGuardrails(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) *guardrail.Rules {
	at := path.Root("guardrails")
	var object types.Object
	diags.Append(config.GetAttribute(ctx, at, &object)...)
	if object.IsNull() {
		return nil
	}
	var m guardrailsModel
	diags.Append(object.As(ctx, &m, basetypes.ObjectAsOptions{UnhandledUnknownAsEmpty: true})...)
	// An unknown value keeps its place, so that an error points at the right one.
	texts := func(list types.List) (values []string, places []int) {
		for i, element := range list.Elements() {
			if text, ok := element.(types.String); ok && !text.IsUnknown() {
				values, places = append(values, text.ValueString()), append(places, i)
			}
		}
		return values, places
	}
	places := map[guardrail.Rule][]int{}
	settings := guardrail.Settings{RequireExpiration: m.RequireExpiration.ValueBool(), RequireSHA256: m.RequireSHA256.ValueBool()}
	settings.ProtectedValues, places[guardrail.ProtectedValues] = texts(m.ProtectedValues)
	settings.AllowedActions, places[guardrail.AllowedActions] = texts(m.AllowedActions)
	if len(settings.AllowedActions) < len(m.AllowedActions.Elements()) {
		settings.AllowedActions = nil // What is unknown may be what is to be allowed.
	}
	settings.MaxIndicatorDeletions, settings.MaxRuns = known(m.MaxIndicatorDeletions), known(m.MaxRuns)
	rules, wrong := guardrail.New(settings)
	for _, err := range wrong {
		diags.AddAttributeError(at.AtName(string(err.Rule)).AtListIndex(places[err.Rule][err.Index]), "Invalid guardrail", "In guardrails."+string(err.Rule)+", "+err.Error()+".")
	}
	return rules
}

// known is a number that is set and known.
func known(number types.Int64) *int64 {
	if number.IsUnknown() {
		return nil
	}
	return number.ValueInt64Pointer()
}
