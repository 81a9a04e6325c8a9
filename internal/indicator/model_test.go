package indicator

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

func groups(names ...string) types.Set {
	elements := make([]attr.Value, len(names))
	for i, name := range names {
		elements[i] = types.StringValue(name)
	}
	return types.SetValueMust(types.StringType, elements)
}

// full has every attribute set.
func full() model {
	return model{
		settings: settings{
			Action:             types.StringValue("Block"),
			Title:              types.StringValue("title"),
			Description:        types.StringValue("description"),
			Severity:           types.StringValue("High"),
			Application:        types.StringValue("feed"),
			ExpirationTime:     types.StringValue("2027-01-31T00:00:00Z"),
			RecommendedActions: types.StringValue("call us"),
			EducateURL:         types.StringValue("https://help.contoso.com"),
			GenerateAlert:      types.BoolValue(true),
			RBACGroupNames:     groups("a", "b"),
		},
		ID:             types.StringValue("17"),
		IndicatorValue: types.StringValue("https://evil.example/x"),
		IndicatorType:  types.StringValue("Url"),
		Expired:        types.BoolValue(false),
		Timeouts:       nullTimeouts(),
	}
}

func nullTimeouts() types.Object {
	attribute, ok := resourceSchema().Attributes["timeouts"].GetType().(types.ObjectType)
	if !ok {
		panic("timeouts is no object")
	}
	return types.ObjectNull(attribute.AttrTypes)
}

// bare has the required attributes alone.
func bare() model {
	m := full()
	m.Application, m.ExpirationTime, m.RecommendedActions, m.EducateURL = types.StringNull(), types.StringNull(), types.StringNull(), types.StringNull()
	m.GenerateAlert, m.RBACGroupNames = types.BoolNull(), types.SetNull(types.StringType)
	return m
}

func TestToAPI_everyWritableFieldSurvives(t *testing.T) {
	t.Parallel()
	want := full()
	record := want.toAPI()
	stamps := map[string]bool{"CreatedBy": true, "CreatedByDisplayName": true, "CreatedBySource": true, "CreationTimeDateTimeUTC": true, "LastUpdateTime": true, "LastUpdatedBy": true}
	fields := reflect.ValueOf(record)
	for i := range fields.NumField() {
		if name := fields.Type().Field(i).Name; fields.Field(i).IsZero() != stamps[name] {
			t.Errorf("field %s = %v, want set: %t", name, fields.Field(i), !stamps[name])
		}
	}
	imported := model{ID: types.StringValue("17"), Timeouts: nullTimeouts()}
	imported.fromAPI(record)
	if diff := cmp.Diff(want, imported, cmp.AllowUnexported(model{})); diff != "" {
		t.Errorf("after the trip (-want +got):\n%s", diff)
	}
}

func TestFromAPI_keepsSpelling(t *testing.T) {
	t.Parallel()
	expires := time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		change func(*model)
		answer func(*mde.Indicator)
	}{
		"hash case": {func(m *model) {
			m.IndicatorType, m.IndicatorValue = types.StringValue("FileMd5"), types.StringValue("AbCd")
		}, func(i *mde.Indicator) { i.IndicatorValue = "abcd" }},
		"ipv6": {func(m *model) {
			m.IndicatorType, m.IndicatorValue = types.StringValue("IpAddress"), types.StringValue("2001:db8::7")
		}, func(i *mde.Indicator) { i.IndicatorValue = "2001:0db8:0000:0000:0000:0000:0000:0007" }},
		"domain case": {func(m *model) {
			m.IndicatorType, m.IndicatorValue = types.StringValue("DomainName"), types.StringValue("Contoso.COM")
		}, func(i *mde.Indicator) { i.IndicatorValue = "contoso.com" }},
		"empty severity":     {func(m *model) { m.Severity = types.StringValue("") }, func(i *mde.Indicator) { i.Severity = "Informational" }},
		"severity case":      {func(*model) {}, func(i *mde.Indicator) { i.Severity = "high" }},
		"url host":           {func(m *model) { m.IndicatorValue = types.StringValue("https://EVIL.example/X") }, func(i *mde.Indicator) { i.IndicatorValue = "https://evil.example/X" }},
		"offset":             {func(m *model) { m.ExpirationTime = types.StringValue("2027-01-31T01:00:00+01:00") }, func(i *mde.Indicator) { i.ExpirationTime = &expires }},
		"fraction":           {func(m *model) { m.ExpirationTime = types.StringValue("2027-01-31T00:00:00.75Z") }, func(i *mde.Indicator) { i.ExpirationTime = &expires }},
		"AlertAndBlock":      {func(m *model) { m.Action, m.GenerateAlert = types.StringValue("AlertAndBlock"), types.BoolNull() }, func(i *mde.Indicator) { i.Action = "BlockAndRemediate" }},
		"Alert":              {func(m *model) { m.Action, m.GenerateAlert = types.StringValue("Alert"), types.BoolNull() }, func(i *mde.Indicator) { i.Action = "Audit" }},
		"alert unset, Audit": {func(m *model) { m.Action, m.GenerateAlert = types.StringValue("Audit"), types.BoolNull() }, func(*mde.Indicator) {}},
		"alert unset, Block": {func(m *model) { m.GenerateAlert = types.BoolNull() }, func(*mde.Indicator) {}},
		"alert false, Block": {func(m *model) { m.GenerateAlert = types.BoolValue(false) }, func(*mde.Indicator) {}},
		"groups in disorder": {func(*model) {}, func(i *mde.Indicator) { i.RBACGroupNames = []string{"b", "a"} }},
		"groups null":        {func(m *model) { m.RBACGroupNames = types.SetNull(types.StringType) }, func(*mde.Indicator) {}},
		"groups empty":       {func(m *model) { m.RBACGroupNames = groups() }, func(i *mde.Indicator) { i.RBACGroupNames = nil }},
		"texts null":         {func(m *model) { *m = bare() }, func(*mde.Indicator) {}},
		"texts empty": {func(m *model) {
			m.Application, m.RecommendedActions, m.EducateURL = types.StringValue(""), types.StringValue(""), types.StringValue("")
		}, func(*mde.Indicator) {}},
		"expiration empty":     {func(m *model) { m.ExpirationTime = types.StringValue("") }, func(*mde.Indicator) {}},
		"nothing but the same": {func(*model) {}, func(*mde.Indicator) {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := full()
			tc.change(&want)
			record := want.toAPI()
			tc.answer(&record)
			got := want
			got.fromAPI(record)
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(model{})); diff != "" {
				t.Errorf("spelling lost (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFromAPI_showsDrift(t *testing.T) {
	t.Parallel()
	later := time.Date(2028, 1, 31, 0, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		drift func(*mde.Indicator)
		want  func(*model)
	}{
		"action":              {func(i *mde.Indicator) { i.Action = "Warn" }, func(m *model) { m.Action = types.StringValue("Warn") }},
		"unknown action":      {func(i *mde.Indicator) { i.Action = "Quarantine" }, func(m *model) { m.Action = types.StringValue("Quarantine") }},
		"title":               {func(i *mde.Indicator) { i.Title = "portal" }, func(m *model) { m.Title = types.StringValue("portal") }},
		"description":         {func(i *mde.Indicator) { i.Description = "portal" }, func(m *model) { m.Description = types.StringValue("portal") }},
		"severity":            {func(i *mde.Indicator) { i.Severity = "Low" }, func(m *model) { m.Severity = types.StringValue("Low") }},
		"application":         {func(i *mde.Indicator) { i.Application = "" }, func(m *model) { m.Application = types.StringNull() }},
		"expiration":          {func(i *mde.Indicator) { i.ExpirationTime = &later }, func(m *model) { m.ExpirationTime = types.StringValue("2028-01-31T00:00:00Z") }},
		"expiration removed":  {func(i *mde.Indicator) { i.ExpirationTime = nil }, func(m *model) { m.ExpirationTime = types.StringNull() }},
		"recommended actions": {func(i *mde.Indicator) { i.RecommendedActions = "portal" }, func(m *model) { m.RecommendedActions = types.StringValue("portal") }},
		"educate url":         {func(i *mde.Indicator) { i.EducateURL = "" }, func(m *model) { m.EducateURL = types.StringNull() }},
		"alert":               {func(i *mde.Indicator) { i.GenerateAlert = false }, func(m *model) { m.GenerateAlert = types.BoolValue(false) }},
		"groups":              {func(i *mde.Indicator) { i.RBACGroupNames = []string{"c"} }, func(m *model) { m.RBACGroupNames = groups("c") }},
		"groups removed":      {func(i *mde.Indicator) { i.RBACGroupNames = nil }, func(m *model) { m.RBACGroupNames = types.SetNull(types.StringType) }},
		"made again":          {func(i *mde.Indicator) { i.ID = "18" }, func(m *model) { m.ID = types.StringValue("18") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, want := full(), full()
			record := got.toAPI()
			tc.drift(&record)
			got.fromAPI(record)
			tc.want(&want)
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(model{})); diff != "" {
				t.Errorf("drift (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFromAPI_alertUnsetShowsDriftFromWhatTheActionDemands(t *testing.T) {
	t.Parallel()
	m := bare()
	record := m.toAPI()
	record.GenerateAlert = true
	m.fromAPI(record)
	if !m.GenerateAlert.Equal(types.BoolValue(true)) {
		t.Errorf("generate_alert = %s, want the drift to show", m.GenerateAlert)
	}
}

func TestFromAPI_importShowsTheAlert(t *testing.T) {
	t.Parallel()
	for alert, want := range map[bool]types.Bool{true: types.BoolValue(true), false: types.BoolNull()} {
		var imported model
		imported.fromAPI(mde.Indicator{Action: "Audit", GenerateAlert: alert})
		if !imported.GenerateAlert.Equal(want) {
			t.Errorf("generateAlert %t is imported as %s, want %s", alert, imported.GenerateAlert, want)
		}
	}
}

func TestToAPI_impliedAlert(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]bool{"Audit": true, "Alert": true, "AlertAndBlock": true, "Block": false, "BlockAndRemediate": false, "Warn": false, "Allowed": false} {
		m := bare()
		m.Action = types.StringValue(action)
		if got := m.toAPI().GenerateAlert; got != want {
			t.Errorf("%s: generateAlert = %t, want %t", action, got, want)
		}
	}
}
