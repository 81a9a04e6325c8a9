package iocfeed_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mde-as-code/terraform-provider-mde/internal/iocfeed"
)

func TestKeys_areStable(t *testing.T) {
	t.Parallel()
	const top = "IndicatorValue,ExpirationTime,Action,Severity,Title,RecommendedActions,RbacGroups,GenerateAlert\n"
	rows := []string{
		"a.example,2026-12-31,Block,High,T,,,\n",
		"b.example,2026-12-31T08:00:00Z,Block,High,T,,,\n",
		"c.example,2026-12-31,Block,High,T,,,TRUE\n",
		"d.example,2026-12-31,Block,High,T/alert,,,\n",
		"e.example,2026-12-31,Block,High,T%2Falert,,,\n",
		"f.example,2026-12-31,Block,High,\"T  U\",,,\n",
		"g.example,2026-12-31,Block,High,T U,,,\n",
		"h.example,2026-12-31,Block,High,T,Look,,\n",
		"i.example,2026-12-31,Block,High,T,,Look,\n",
		"j.example,2026-12-31,Block,High," + strings.Repeat("x", 60) + ",,,\n",
		"k.example,2026-12-31,Block,High," + strings.Repeat("x", 61) + ",,,\n",
		"l.example,,Block,,T,,,\n",
	}
	all := read(t, iocfeed.CSV, top+strings.Join(rows, ""), iocfeed.Overrides{})
	if len(all.Groups) != len(rows) {
		t.Errorf("%d rows of different settings make %d groups: %q", len(rows), len(all.Groups), keys(all))
	}
	for _, want := range []string{"Block/High/2026-12-31/T", "Block/High/2026-12-31T08:00:00Z/T", "Block/High/2026-12-31/T/alert", "Block/High/2026-12-31/T%2Falert", "Block/Informational/never/T"} {
		if _, ok := all.Groups[want]; !ok {
			t.Errorf("no group %q among %q", want, keys(all))
		}
	}
	slices.Reverse(rows)
	for i := range rows {
		some := read(t, iocfeed.CSV, top+strings.Join(rows[:i+1], ""), iocfeed.Overrides{})
		for key, group := range some.Groups {
			if diff := cmp.Diff(all.Groups[key].Indicators, group.Indicators); diff != "" {
				t.Errorf("%q is another group once there are more rows: %s", key, diff)
			}
		}
	}
}

func TestKeys_areShortUnderOverrides(t *testing.T) {
	t.Parallel()
	result := read(t, iocfeed.CSV, feed(2), iocfeed.Overrides{Title: ptr("Weekly feed"), GenerateAlert: ptr(false)})
	if diff := cmp.Diff([]string{"Block/High/2026-12-10", "Block/High/2026-12-11"}, keys(result)); diff != "" {
		t.Error(diff)
	}
}

func TestOverrides_replace(t *testing.T) {
	t.Parallel()
	text := header + "DomainName,a.example,garbage,Audit,garbage,Own,Note,Own,Own,,,FALSE\n" +
		"Url,https://a.example/,garbage,Audit,garbage,Own,,Own,Own,,,FALSE\n"
	result := read(t, iocfeed.CSV, text, iocfeed.Overrides{
		Action: ptr("AlertAndBlock"), Severity: ptr("low"), ExpiresIn: ptr("30d"), RenewBefore: ptr("7d"), Title: ptr("New"), Application: ptr("app"),
		RecommendedActions: ptr(""), RBACGroupNames: []string{}, EducateURL: ptr("https://help.example"),
	})
	group, ok := result.Groups["BlockAndRemediate/Low/30d/alert"]
	if !ok {
		t.Fatalf("groups: %q", keys(result))
	}
	want := iocfeed.Settings{
		Action: "BlockAndRemediate", Title: "New", Description: "New", Severity: "Low", Application: "app",
		ExpiresIn: "30d", RenewBefore: "7d", GenerateAlert: true,
	}
	if group.Settings != want {
		t.Errorf("settings: %+v", group.Settings)
	}
	if diff := cmp.Diff(map[string]string{"a.example": "Note", "https://a.example": "Own"}, group.Indicators); diff != "" {
		t.Error("without its own description a row keeps its title as the note: ", diff)
	}
}

func TestOverrides_noticeAndDescription(t *testing.T) {
	t.Parallel()
	text := header + "DomainName,a.example,,Block,,T,Note,,,,,\nUrl,https://a.example,,Block,,T,Note,,,,,\n"
	result := read(t, iocfeed.CSV, text, iocfeed.Overrides{EducateURL: ptr("https://help.example"), Description: ptr("Shared"), IndicatorType: ptr("")})
	want := map[string]map[string]string{
		"Block/Informational/never/T":        {"a.example": ""},
		"Block/Informational/never/T/notice": {"https://a.example": ""},
	}
	if diff := cmp.Diff(want, outline(result)); diff != "" {
		t.Error(diff)
	}
	if got := result.Groups["Block/Informational/never/T"].Description; got != "Shared" {
		t.Errorf("description = %q", got)
	}
}

func TestOverrides_mistakes(t *testing.T) {
	t.Parallel()
	for want, overrides := range map[string]iocfeed.Overrides{
		"action: \"Stop\"":       {Action: ptr("Stop")},
		"severity: \"Critical\"": {Severity: ptr("Critical")},
		"indicator_type: \"X\"":  {IndicatorType: ptr("X")},
		"WebCategory":            {IndicatorType: ptr("WebCategory")},
		"expiration_time: \"x\"": {ExpirationTime: ptr("x")},
		"exclude each other":     {ExpirationTime: ptr("2027-01-01"), ExpiresIn: ptr("30d")},
		"title":                  {Title: ptr("")},
		"generate_alert: Audit":  {Action: ptr("Audit"), GenerateAlert: ptr(false)},
	} {
		_, err := overrides.Check()
		fails(t, err, want)
	}
}

func TestTooManyGroups(t *testing.T) {
	t.Parallel()
	for want, column := range map[string]string{"column Title splits them, with 51": "Title", "column ExpirationTime splits them, with 51": "ExpirationTime"} {
		var b strings.Builder
		b.WriteString("IndicatorValue,Action,Severity,Title,ExpirationTime\n")
		for i := range 51 {
			title, expiry := "T", "2026-12-31T00:00:00Z"
			if column == "Title" {
				title = fmt.Sprintf("T%d", i)
			} else {
				expiry = fmt.Sprintf("2026-12-31T00:00:%02dZ", i)
			}
			fmt.Fprintf(&b, "h%d.example,Block,%s,%s,%s\n", i, []string{"Low", "High"}[i%2], title, expiry)
		}
		_, err := iocfeed.CSV(b.String(), iocfeed.Overrides{}, rules())
		fails(t, err, want, "51 groups", "overrides")
	}
}

func TestRefang(t *testing.T) {
	t.Parallel()
	for defanged, want := range map[string]string{
		"hxxps://evil[.]example":                  "https://evil.example",
		"hXXp://evil[.]example/a.b":               "http://evil.example/a.b",
		"hxxp[:]//evil(.)example":                 "http://evil.example",
		"hxxps[://]evil{.}example[/]path":         "https://evil.example/path",
		"h**p://evil[dot]example":                 "http://evil.example",
		"hxtps://evil(dot)co[DOT]example":         "https://evil.co.example",
		"fxp://evil[ . ]example":                  "ftp://evil.example",
		"http:\\\\evil.example":                   "http://evil.example",
		"203[.]0[.]113[.]7":                       "203.0.113.7",
		"203\\.0\\.113\\.7":                       "203.0.113.7",
		"2001[:]db8[:][:]7":                       "2001:db8::7",
		"someone[@]evil[.]example":                "someone@evil.example",
		"someone[at]evil.example":                 "someone@evil.example",
		"https://evil.example/[a].html?x=(1.5)":   "https://evil.example/[a].html?x=(1.5)",
		"a report (see below) of hxxp://a[.]b, …": "a report (see below) of http://a.b, …",
		"": "",
	} {
		if got := iocfeed.Refang(defanged); got != want {
			t.Errorf("Refang(%q) = %q, want %q", defanged, got, want)
		}
	}
}
