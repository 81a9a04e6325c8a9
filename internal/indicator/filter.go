package indicator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
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

// filterAttribute is an argument of whatever lists indicators: the data source
// and the list resource, whose schemas are of different types.
type filterAttribute struct {
	name, description string
	validators        []validator.String
}

func filterAttributes() []filterAttribute {
	text := []validator.String{stringvalidator.LengthAtLeast(1)}
	readable := append(indicatorTypes(), typeWebCategory)
	return []filterAttribute{
		{"indicator_type", "Only indicators of this type: " + orList(readable) + ".", []validator.String{stringvalidator.OneOf(readable...)}},
		{"action", "Only indicators with this action: " + orList(actions()) + ". Old and new names find each other: `AlertAndBlock` finds `BlockAndRemediate`, `Alert` finds `Audit`.", []validator.String{stringvalidator.OneOf(actions()...)}},
		{"severity", "Only indicators of this severity: " + orList(severities()) + ".", []validator.String{stringvalidator.OneOf(severities()...)}},
		{"application", "Only indicators that exactly this application made, such as a repository or a feed.", text},
		{"title_prefix", "Only indicators whose title begins with this text, in this letter case.", text},
		{"created_by", "Only indicators that were created by exactly this application id or user principal name.", text},
		{"expires_before", "Only indicators that expire before this time, in RFC 3339 such as `2027-01-31T00:00:00Z`. Those that never expire are left out.", []validator.String{stringvalidator.LengthAtLeast(1), tfvalid.RFC3339()}},
		{"filter", "A further condition in OData, for whatever else the service can filter by, such as `generateAlert eq true` or `rbacGroupNames/any(g: g eq 'Servers')`. It is sent as it is, beside the other conditions.", text},
	}
}

// odata is the filter that the service is asked with, empty for everything.
func (f filters) odata() string {
	var terms []string
	equal := func(property string, values ...string) {
		alternatives := make([]string, len(values))
		for i, value := range values {
			alternatives[i] = property + " eq " + mde.Quote(value)
		}
		terms = append(terms, "("+strings.Join(alternatives, " or ")+")")
	}
	if f.IndicatorType.ValueString() != "" {
		equal("indicatorType", f.IndicatorType.ValueString())
	}
	if action := f.Action.ValueString(); action != "" {
		equal("action", slices.DeleteFunc(actions(), func(name string) bool { return mde.CanonicalAction(name) != mde.CanonicalAction(action) })...)
	}
	if f.Severity.ValueString() != "" {
		equal("severity", f.Severity.ValueString())
	}
	if f.Application.ValueString() != "" {
		equal("application", f.Application.ValueString())
	}
	if f.TitlePrefix.ValueString() != "" {
		terms = append(terms, fmt.Sprintf("startswith(title,%s)", mde.Quote(f.TitlePrefix.ValueString())))
	}
	if f.CreatedBy.ValueString() != "" {
		equal("createdBy", f.CreatedBy.ValueString())
	}
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
