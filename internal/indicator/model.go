package indicator

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfconv"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfduration"
)

// settings are what the records of a set can share.
type settings struct {
	Action             types.String     `tfsdk:"action"`
	Title              types.String     `tfsdk:"title"`
	Description        types.String     `tfsdk:"description"`
	Severity           types.String     `tfsdk:"severity"`
	Application        types.String     `tfsdk:"application"`
	ExpirationTime     types.String     `tfsdk:"expiration_time"`
	ExpiresIn          tfduration.Value `tfsdk:"expires_in"`
	RenewBefore        tfduration.Value `tfsdk:"renew_before"`
	RecommendedActions types.String     `tfsdk:"recommended_actions"`
	EducateURL         types.String     `tfsdk:"educate_url"`
	GenerateAlert      types.Bool       `tfsdk:"generate_alert"`
	RBACGroupNames     types.Set        `tfsdk:"rbac_group_names"`
	AdoptExisting      types.Bool       `tfsdk:"adopt_existing"`
}

// model is mde_indicator.
type model struct {
	settings
	ID             types.String `tfsdk:"id"`
	IndicatorValue types.String `tfsdk:"indicator_value"`
	IndicatorType  types.String `tfsdk:"indicator_type"`
	Expired        types.Bool   `tfsdk:"expired"`
	// Timeouts is an object, and not a pointer to its model, because it may be
	// unknown while planning.
	Timeouts types.Object `tfsdk:"timeouts"`
}

// toAPI returns the record as it is configured. The id is the one that the
// state knows.
func (m model) toAPI() mde.Indicator {
	record := m.settings.toAPI()
	record.ID = m.ID.ValueString()
	record.IndicatorValue = m.IndicatorValue.ValueString()
	record.IndicatorType = m.IndicatorType.ValueString()
	return record
}

// toAPI returns a record with these settings.
func (s settings) toAPI() mde.Indicator {
	action := s.Action.ValueString()
	return mde.Indicator{
		Action:             action,
		Title:              s.Title.ValueString(),
		Description:        s.Description.ValueString(),
		Severity:           cmp.Or(s.Severity.ValueString(), defaultSeverity),
		Application:        s.Application.ValueString(),
		ExpirationTime:     instant(s.ExpirationTime),
		RecommendedActions: s.RecommendedActions.ValueString(),
		EducateURL:         s.EducateURL.ValueString(),
		GenerateAlert:      s.GenerateAlert.ValueBool() || s.GenerateAlert.IsNull() && mde.DemandsAlert(action),
		RBACGroupNames:     groupNames(s.RBACGroupNames),
	}
}

// fromAPI takes over what the service says, in the spelling that the model has
// already where that means the same. A record that the service shows has not
// expired.
func (m *model) fromAPI(record mde.Indicator) {
	m.ID = types.StringValue(record.ID)
	prior := m.toAPI()
	if prior.IndicatorType != record.IndicatorType || !mde.Alike(prior.IndicatorValue, record.IndicatorValue) {
		m.IndicatorValue = types.StringValue(record.IndicatorValue)
	}
	m.IndicatorType = types.StringValue(record.IndicatorType)
	m.Expired = types.BoolValue(false)
	m.settings.fromAPI(record)
}

func (s *settings) fromAPI(record mde.Indicator) {
	// Unset means what the configured action demands, and stays unset as long
	// as that is what the service says.
	if !s.GenerateAlert.IsNull() || mde.DemandsAlert(s.Action.ValueString()) != record.GenerateAlert {
		s.GenerateAlert = types.BoolValue(record.GenerateAlert)
	}
	if mde.CanonicalAction(s.Action.ValueString()) != mde.CanonicalAction(record.Action) {
		s.Action = types.StringValue(record.Action)
	}
	s.Title = types.StringValue(record.Title)
	s.Description = types.StringValue(record.Description)
	if s.Severity.IsNull() || !strings.EqualFold(s.toAPI().Severity, record.Severity) {
		s.Severity = types.StringValue(record.Severity)
	}
	s.Application = tfconv.String(s.Application, record.Application)
	s.ExpirationTime = instantFromAPI(s.ExpirationTime, record.ExpirationTime)
	s.RecommendedActions = tfconv.String(s.RecommendedActions, record.RecommendedActions)
	s.EducateURL = tfconv.String(s.EducateURL, record.EducateURL)
	if !slices.Equal(sorted(groupNames(s.RBACGroupNames)), sorted(record.RBACGroupNames)) || len(record.RBACGroupNames) == 0 {
		s.RBACGroupNames = tfconv.StringSet(s.RBACGroupNames, sorted(record.RBACGroupNames))
	}
}

// name is what messages call the indicator: its value, or its id while that is
// all that is known.
func (m model) name() string {
	if m.IndicatorValue.ValueString() != "" {
		return m.IndicatorValue.ValueString()
	}
	return m.ID.ValueString()
}

// bounds are the timeouts in force.
func (m model) bounds(ctx context.Context) tfduration.Defaults { return boundsOf(ctx, m.Timeouts) }

func boundsOf(ctx context.Context, timeouts types.Object) tfduration.Defaults {
	bounds, diags := timeoutDefaults().OfObject(ctx, timeouts)
	if diags.HasError() {
		return timeoutDefaults()
	}
	return bounds
}

// lapsed tells whether a record that is gone has gone because it expired: the
// service's clock may be ahead of this machine's.
func (m model) lapsed(now time.Time) bool {
	expires := instant(m.ExpirationTime)
	return expires != nil && !expires.After(now.Add(clockSkew))
}

// hasUnknown tells whether a setting that the service stores is unknown.
func (s settings) hasUnknown() bool {
	return slices.ContainsFunc([]attr.Value{
		s.Action, s.Title, s.Description, s.Severity, s.Application, s.ExpirationTime,
		s.RecommendedActions, s.EducateURL, s.GenerateAlert, s.RBACGroupNames,
	}, func(v attr.Value) bool { return v.IsUnknown() }) || len(groupNames(s.RBACGroupNames)) < len(s.RBACGroupNames.Elements())
}

// instant returns the time to the second, which is what the service keeps, nil
// when there is none.
func instant(text types.String) *time.Time {
	t, err := time.Parse(time.RFC3339, text.ValueString())
	if err != nil {
		return nil // Null, unknown or "": a validator refuses the rest.
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}

func instantFromAPI(prior types.String, got *time.Time) types.String {
	if got == nil {
		return tfconv.String(prior, "")
	}
	if known := instant(prior); known != nil && known.Equal(got.Truncate(time.Second)) {
		return prior
	}
	return types.StringValue(got.UTC().Format(time.RFC3339))
}

// groupNames returns the names that are known.
func groupNames(set types.Set) []string {
	var names []string
	for _, element := range set.Elements() {
		if name, ok := element.(types.String); ok && !name.IsUnknown() {
			names = append(names, name.ValueString())
		}
	}
	return names
}

// sorted returns the distinct names in order.
func sorted(names []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(names)))
}

func sameInstant(a, b *time.Time) bool {
	return a == b || a != nil && b != nil && a.Equal(*b)
}
