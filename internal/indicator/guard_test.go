package indicator

import (
	"strings"
	"testing"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

func domain(id, action string, edit ...func(*mde.Indicator)) mde.Indicator {
	record := mde.Indicator{ID: id, IndicatorType: "DomainName", IndicatorValue: "evil.example", Action: action, Title: "t", Description: "d", Severity: "High"}
	for _, e := range edit {
		e(&record)
	}
	return record
}

func application(name string) func(*mde.Indicator) {
	return func(i *mde.Indicator) { i.Application = name }
}

func titled(title string) func(*mde.Indicator) { return func(i *mde.Indicator) { i.Title = title } }

func scoped(groups ...string) func(*mde.Indicator) {
	return func(i *mde.Indicator) { i.RBACGroupNames = groups }
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		write   write
		found   []mde.Indicator
		want    verdict
		id      string
		remakes bool
	}{
		"nothing":                          {write: write{want: domain("", "Block")}, want: vacant},
		"another action":                   {write: write{want: domain("", "Block")}, found: []mde.Indicator{domain("1", "Warn")}, want: vacant},
		"own":                              {write: write{want: domain("", "Block", titled("new")), own: []string{"1"}}, found: []mde.Indicator{domain("1", "Block")}, want: own, id: "1"},
		"leftover":                         {write: write{want: domain("", "Block", application("a"))}, found: []mde.Indicator{domain("1", "Block", application("a"))}, want: equal, id: "1"},
		"leftover under the old name":      {write: write{want: domain("", "BlockAndRemediate")}, found: []mde.Indicator{domain("1", "AlertAndBlock")}, want: equal, id: "1"},
		"move":                             {write: write{want: domain("", "Block", application("a"))}, found: []mde.Indicator{domain("1", "Block", application("a"), titled("old"))}, want: moved, id: "1"},
		"no application is none in common": {write: write{want: domain("", "Block")}, found: []mde.Indicator{domain("1", "Block", titled("old"))}, want: refused, id: "1"},
		"another application":              {write: write{want: domain("", "Block", application("a"))}, found: []mde.Indicator{domain("1", "Block", application("b"))}, want: refused, id: "1"},
		"adopt":                            {write: write{want: domain("", "Block"), adopt: true}, found: []mde.Indicator{domain("1", "Block", titled("old"))}, want: adopted, id: "1"},
		"adopt and make again":             {write: write{want: domain("", "Block", application("a")), adopt: true}, found: []mde.Indicator{domain("1", "Block")}, want: adopted, id: "1", remakes: true},
		"setting that is not configured":   {write: write{want: domain("", "Block")}, found: []mde.Indicator{domain("1", "Block", scoped("g"))}, want: refused, id: "1"},
		"letter case":                      {write: write{want: domain("", "Block")}, found: []mde.Indicator{domain("1", "Block", func(i *mde.Indicator) { i.IndicatorValue = "EVIL.example" })}, want: equal, id: "1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			record, v := tc.write.judge(tc.found)
			if v != tc.want || record.ID != tc.id || tc.write.recreates(record, v) != tc.remakes {
				t.Errorf("judge = %q, %d, recreates %t; want %q, %d, %t", record.ID, v, tc.write.recreates(record, v), tc.id, tc.want, tc.remakes)
			}
		})
	}
}

func TestPredates(t *testing.T) {
	t.Parallel()
	request := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	answer := request.Add(4 * time.Second)
	for name, tc := range map[string]struct {
		created, updated time.Time
		want             bool
	}{
		"new":                               {request.Add(time.Second), request.Add(time.Second), false},
		"new, by a clock that is behind":    {request.Add(-time.Minute), request.Add(-time.Minute), false},
		"new, sent twice":                   {request, request.Add(3 * time.Second), false},
		"of a moment ago":                   {request.Add(-20 * time.Second), request.Add(time.Second), true},
		"of a moment ago, by another clock": {request.Add(time.Hour), request.Add(time.Hour + 20*time.Second), true},
		"old":                               {request.Add(-time.Hour), request.Add(time.Second), true},
		"old, without a time of the update": {request.Add(-time.Hour), time.Time{}, true},
		"of an unknown time":                {time.Time{}, request, false},
	} {
		if got := predates(mde.Indicator{CreationTimeDateTimeUTC: tc.created, LastUpdateTime: tc.updated}, request, answer); got != tc.want {
			t.Errorf("%s: predates = %t, want %t", name, got, tc.want)
		}
	}
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		want  mde.Indicator
		found mde.Indicator
		own   []string
		says  []string
	}{
		"same key":             {want: domain("", "Block"), found: domain("1", "Block")},
		"own old action":       {want: domain("", "Block"), found: domain("1", "Warn"), own: []string{"1"}},
		"allowed beside block": {want: domain("", "Block"), found: domain("1", "Allowed"), says: []string{"Another action", "id 1", "Allowed wins over Block."}},
		"block beside warn":    {want: domain("", "Warn"), found: domain("1", "Block"), says: []string{"Another action", "Warn wins over Block."}},
		"audit":                {want: domain("", "Audit"), found: domain("1", "Block"), says: []string{"Another action", "The service decides"}},
		"all beside a group":   {want: domain("", "Block"), found: domain("1", "Allowed", scoped("g")), says: []string{"All-devices rule", "Another action", "id 1", "group's rule wins"}},
		"a group beside all":   {want: domain("", "Block", scoped("g")), found: domain("1", "Allowed"), says: []string{"All-devices rule", "all devices"}},
		"same group":           {want: domain("", "Block", scoped("g", "h")), found: domain("1", "Allowed", scoped("h")), says: []string{"Another action"}},
		"groups apart":         {want: domain("", "Block", scoped("g")), found: domain("1", "Allowed", scoped("h"))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diags := write{want: tc.want, own: tc.own}.conflicts([]mde.Indicator{tc.found})
			if diags.HasError() || diags.WarningsCount() != min(1, len(tc.says)) {
				t.Fatalf("diagnostics: %v", diags)
			}
			for _, want := range tc.says {
				if text := diags[0].Summary() + " " + diags[0].Detail(); !strings.Contains(text, want) {
					t.Errorf("%q does not say %q", text, want)
				}
			}
		})
	}
}

func TestPrecedence_files(t *testing.T) {
	t.Parallel()
	file := func(action string) mde.Indicator { return mde.Indicator{IndicatorType: "FileSha1", Action: action} }
	if got := precedence(file("Block"), file("Allowed")); !strings.Contains(got, "The service decides") {
		t.Errorf("precedence = %q", got)
	}
}
