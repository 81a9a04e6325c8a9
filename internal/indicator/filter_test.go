package indicator

import (
	"testing"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

func TestFilters(t *testing.T) {
	t.Parallel()
	expires := time.Date(2031, 1, 2, 3, 4, 5, 0, time.UTC)
	record := mde.Indicator{IndicatorType: "Url", Action: "AlertAndBlock", Severity: "High", Application: "o'feed", Title: "INC-1 loader", CreatedBy: "soc@contoso.com", ExpirationTime: &expires}
	for name, tc := range map[string]struct {
		filters filters
		odata   string
		other   func(*mde.Indicator)
	}{
		"nothing":     {filters{}, "", nil},
		"type":        {filters{IndicatorType: text("Url")}, "indicatorType eq 'Url'", func(i *mde.Indicator) { i.IndicatorType = "IpAddress" }},
		"new action":  {filters{Action: text("BlockAndRemediate")}, "(action eq 'BlockAndRemediate' or action eq 'AlertAndBlock')", func(i *mde.Indicator) { i.Action = "Block" }},
		"severity":    {filters{Severity: text("High")}, "severity eq 'High'", func(i *mde.Indicator) { i.Severity = "Low" }},
		"application": {filters{Application: text("o'feed")}, "application eq 'o''feed'", func(i *mde.Indicator) { i.Application = "O'feed" }},
		"title":       {filters{TitlePrefix: text("INC-1")}, "startswith(title,'INC-1')", func(i *mde.Indicator) { i.Title = "a INC-1" }},
		"creator":     {filters{CreatedBy: text("soc@contoso.com")}, "createdBy eq 'soc@contoso.com'", func(i *mde.Indicator) { i.CreatedBy = "" }},
		"expiry":      {filters{ExpiresBefore: text("2031-01-02T05:04:06+02:00")}, "expirationTime lt 2031-01-02T03:04:06Z", func(i *mde.Indicator) { i.ExpirationTime = nil }},
		"raw":         {filters{Filter: text("a or b")}, "(a or b)", nil},
		"two":         {filters{Severity: text("High"), Filter: text("a or b")}, "severity eq 'High' and (a or b)", func(i *mde.Indicator) { i.Severity = "Low" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tc.filters.odata(); got != tc.odata {
				t.Errorf("asks with %q instead of %q", got, tc.odata)
			}
			if !tc.filters.match(record) {
				t.Error("leaves out what it asks for")
			}
			if tc.other == nil {
				return
			}
			other := record
			if tc.other(&other); tc.filters.match(other) {
				t.Error("takes what it has not asked for")
			}
		})
	}
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]mde.Indicator{
		"DomainName/evil.example/Block":       {IndicatorType: "DomainName", IndicatorValue: "evil.example", Action: "Block"},
		"Url/https://evil.example/a/b/Warn":   {IndicatorType: "Url", IndicatorValue: "https://evil.example/a/b", Action: "Warn"},
		"Url/https://evil.example/a//Alert":   {IndicatorType: "Url", IndicatorValue: "https://evil.example/a/", Action: "Alert"},
		"IpAddress/2001:db8::7/AlertAndBlock": {IndicatorType: "IpAddress", IndicatorValue: "2001:db8::7", Action: "AlertAndBlock"},
		"evil.example/Block":                  {},
		"Domain/evil.example/Block":           {},
		"DomainName/evil.example/block":       {},
		"DomainName//Block":                   {},
		"WebCategory/gambling/Block":          {},
		"Url/https://evil.example/Block/":     {},
	} {
		got, err := parseKey(id)
		if got.Key() != want.Key() || (err == nil) != (want.IndicatorType != "") {
			t.Errorf("%s is read as %+v, %v", id, got, err)
		}
	}
}
