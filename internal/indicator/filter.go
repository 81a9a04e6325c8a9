package indicator

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tffilter"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfvalid"
)

// filters narrow a list of indicators; what is null does not narrow it.
type filters struct {
	IndicatorType types.String `tfsdk:"indicator_type"`
	Action        types.String `tfsdk:"action"`
	Severity      types.String `tfsdk:"severity"`
	Application   types.String `tfsdk:"application"`
	TitlePrefix   types.String `tfsdk:"title_prefix"`
	CreatedBy     types.String `tfsdk:"created_by"`
	ExpiresBefore types.String `tfsdk:"expires_before"`
	Filter        types.String `tfsdk:"filter"`
}

// arguments are those of whatever lists indicators: the data source and the list
// resource.
func arguments() []tffilter.Argument {
	text := []validator.String{stringvalidator.LengthAtLeast(1)}
	readable := append(indicatorTypes(), typeWebCategory)
	return []tffilter.Argument{
		{Name: "indicator_type", Description: "Only indicators of this type: " + orList(readable) + ".", Validators: []validator.String{stringvalidator.OneOf(readable...)}},
		{Name: "action", Description: "Only indicators with this action: " + orList(actions()) + ". Old and new names find each other: `AlertAndBlock` finds `BlockAndRemediate`, `Alert` finds `Audit`.", Validators: []validator.String{stringvalidator.OneOf(actions()...)}},
		{Name: "severity", Description: "Only indicators of this severity: " + orList(severities()) + ".", Validators: []validator.String{stringvalidator.OneOf(severities()...)}},
		{Name: "application", Description: "Only indicators that exactly this application made, such as a repository or a feed.", Validators: text},
		{Name: "title_prefix", Description: "Only indicators whose title begins with this text, in this letter case.", Validators: text},
		{Name: "created_by", Description: "Only indicators that were created by exactly this application id or user principal name.", Validators: text},
		{Name: "expires_before", Description: "Only indicators that expire before this time, in RFC 3339 such as `2027-01-31T00:00:00Z`. Those that never expire are left out.", Validators: []validator.String{stringvalidator.LengthAtLeast(1), tfvalid.RFC3339()}},
		{Name: "filter", Description: "A further condition in OData, for whatever else the service can filter by, such as `generateAlert eq true` or `rbacGroupNames/any(g: g eq 'Servers')`. It is sent as it is, beside the other conditions.", Validators: text},
	}
}

// odata is the filter that the service is asked with, empty for everything.
func (f filters) odata() string {
	var terms []string
	equal := func(property string, want types.String) {
		if want.ValueString() != "" {
			terms = append(terms, property+" eq "+mde.Quote(want.ValueString()))
		}
	}
	equal("indicatorType", f.IndicatorType)
	if action := f.Action.ValueString(); action != "" {
		var names []string
		for _, name := range actions() {
			if mde.CanonicalAction(name) == mde.CanonicalAction(action) {
				names = append(names, "action eq "+mde.Quote(name))
			}
		}
		terms = append(terms, "("+strings.Join(names, " or ")+")")
	}
	equal("severity", f.Severity)
	equal("application", f.Application)
	if f.TitlePrefix.ValueString() != "" {
		terms = append(terms, fmt.Sprintf("startswith(title,%s)", mde.Quote(f.TitlePrefix.ValueString())))
	}
	equal("createdBy", f.CreatedBy)
	if before := instant(f.ExpiresBefore); before != nil {
		terms = append(terms, "expirationTime lt "+before.Format("2006-01-02T15:04:05Z"))
	}
	if f.Filter.ValueString() != "" {
		terms = append(terms, "("+f.Filter.ValueString()+")")
	}
	return strings.Join(terms, " and ")
}

// match tells whether a record is what was asked for, but for the raw filter:
// the service's comparison may be looser than the documented one.
func (f filters) match(record mde.Indicator) bool {
	same := func(want types.String, got string) bool { return want.IsNull() || want.ValueString() == got }
	before := instant(f.ExpiresBefore)
	return same(f.IndicatorType, record.IndicatorType) &&
		(f.Action.IsNull() || mde.CanonicalAction(f.Action.ValueString()) == mde.CanonicalAction(record.Action)) &&
		same(f.Severity, record.Severity) &&
		same(f.Application, record.Application) &&
		strings.HasPrefix(record.Title, f.TitlePrefix.ValueString()) &&
		same(f.CreatedBy, record.CreatedBy) &&
		(before == nil || record.ExpirationTime != nil && record.ExpirationTime.Before(*before))
}
