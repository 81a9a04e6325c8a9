package indicator

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

func TestInferType(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"9e107d9d372bb6826bd81d3542a419d6":                                 mde.TypeFileMD5,
		"2FD4E1C67A2D28FCED849EE1BB76E7391B93EB12":                         mde.TypeFileSHA1,
		"d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592": mde.TypeFileSHA256,
		"203.0.113.7":                         mde.TypeIPAddress,
		"2001:db8::7":                         mde.TypeIPAddress,
		"10.0.0.0/8":                          mde.TypeIPAddress,
		"https://evil.example/a":              mde.TypeURL,
		"http://203.0.113.7/":                 mde.TypeURL,
		"evil.example":                        mde.TypeDomainName,
		"9e107d9d372bb6826bd81d3542a419d":     "",
		"localhost":                           "",
		"":                                    "",
		"9e107d9d372bb6826bd81d3542a419d6.co": mde.TypeDomainName,
		"2fd4e1c67a2d28fced849ee1bb76e7391b93eb1": "",
	} {
		if got := inferType(value); got != want {
			t.Errorf("%q is taken for %q instead of %q", value, got, want)
		}
	}
}

func TestDrift(t *testing.T) {
	t.Parallel()
	expires := time.Date(2035, 1, 31, 0, 0, 0, 0, time.UTC)
	want := mde.Indicator{ID: "1", IndicatorType: mde.TypeDomainName, IndicatorValue: "evil.example", Action: "AlertAndBlock", Title: "t", Description: "d", Severity: "High", GenerateAlert: true, RBACGroupNames: []string{"a", "b"}}
	for text, edit := range map[string]func(*mde.Indicator){
		"": func(i *mde.Indicator) {
			i.Action, i.Severity, i.RBACGroupNames, i.IndicatorValue = "BlockAndRemediate", "high", []string{"b", "a"}, "EVIL.example"
		},
		`drift: action = "Audit"`:                                        func(i *mde.Indicator) { i.Action = "Audit" },
		`drift: title = "a \"b\"", description = ""`:                     func(i *mde.Indicator) { i.Title, i.Description = `a "b"`, "" },
		`drift: severity = "Low"`:                                        func(i *mde.Indicator) { i.Severity = "Low" },
		`drift: application = "x"`:                                       func(i *mde.Indicator) { i.Application = "x" },
		`drift: expiration_time = "2035-01-31T00:00:00Z"`:                func(i *mde.Indicator) { i.ExpirationTime = &expires },
		`drift: recommended_actions = "call", educate_url = "https://h"`: func(i *mde.Indicator) { i.RecommendedActions, i.EducateURL = "call", "https://h" },
		`drift: generate_alert = false, rbac_group_names = ["a"]`:        func(i *mde.Indicator) { i.GenerateAlert, i.RBACGroupNames = false, []string{"a"} },
	} {
		record := want
		edit(&record)
		if got := drift(record, want); got != text {
			t.Errorf("got %s instead of %s", got, text)
		}
	}
}

func TestHeld_mark(t *testing.T) {
	t.Parallel()
	for name, note := range map[string]types.String{"null": types.StringNull(), "empty": text(""), "a note": text("note")} {
		marked, shown := held{ID: "1"}.mark(note, "drift: x")
		if shown.ValueString() != "drift: x" || !marked.note(shown).Equal(note) {
			t.Errorf("%s: the state shows %s, the note is %s", name, shown, marked.note(shown))
		}
		if plain, shown := marked.mark(note, ""); plain.Marked || plain.Note != nil || !shown.Equal(note) {
			t.Errorf("%s: unmarked it is %+v, shown as %s", name, plain, shown)
		}
	}
}

// TestCompare_outlived has somebody change the end of a record that expires_in
// had fixed, and that has come.
func TestCompare_outlived(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	past, later := now.Add(-time.Hour), now.Add(time.Hour)
	for name, tc := range map[string]struct {
		end     *time.Time
		mark    string
		expires int64
	}{
		"moved":   {&later, "", later.Unix()},
		"cleared": {nil, `drift: expiration_time = ""`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := refresh{state: &setModel{settings: settings{ExpiresIn: lasting("1d")}}, remembered: &setMemory{}, now: now}
			want := mde.Indicator{IndicatorType: mde.TypeDomainName, IndicatorValue: "evil.example", Action: "Block", ExpirationTime: &past}
			record := want
			record.ID, record.ExpirationTime = "1", tc.end
			got, note := f.compare(text("note"), want, record, held{ID: "1", Expires: past.Unix()}, []mde.Indicator{record})
			if shown := note.ValueString(); got.Marked != (tc.mark != "") || got.Marked && shown != tc.mark || got.Expires != tc.expires {
				t.Errorf("the state shows %q, held is %+v", shown, got)
			}
		})
	}
}

// TestRefresh_otherSpelling has the service keep another spelling than the
// configured one, which its filter does not find.
func TestRefresh_otherSpelling(t *testing.T) {
	t.Parallel()
	r, sim := signedIn(t, tenant)
	set := &setResource{}
	set.Client = r.Client
	id := sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "EVIL.example", Title: "portal", Description: "d", Severity: "High"})[0]
	state := &setModel{settings: bare().settings}
	state.Description, state.Severity = text("d"), text("High")
	state.setNotes(map[string]types.String{"evil.example": text("")})
	remembered := setMemory{Records: map[string]held{"evil.example": {ID: id}}}
	f := refresh{state: state, remembered: &remembered, now: time.Now()}
	if _, err := f.run(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	if got, want := state.notes()["evil.example"].ValueString(), `drift: title = "portal"`; got != want || remembered.Records["evil.example"].ID != id {
		t.Errorf("the state shows %q instead of %q, and the set holds %+v", got, want, remembered.Records)
	}
}

func TestCheck_tooManyValues(t *testing.T) {
	t.Parallel()
	m := &setModel{settings: bare().settings}
	for count, want := range map[int]string{limit: "", limit + 1: "Too many indicators"} {
		notes := make(map[string]types.String, count)
		for i := range count {
			notes[fmt.Sprintf("%d.evil.example", i)] = text("")
		}
		m.setNotes(notes)
		diags := m.check(nil, time.Now())
		if got := summaries(diags); got != want || want != "" && !strings.Contains(diags[0].Detail(), "15,001 values") {
			t.Errorf("%d values: %v", count, diags)
		}
	}
}

func TestListed_countsTheRest(t *testing.T) {
	t.Parallel()
	text := listed(strings.Split(strings.Repeat("x ", 1520), " ")[:1520])
	if got := strings.Count(text, "- x"); got != shown || !strings.HasSuffix(text, "and 1,500 more") {
		t.Errorf("%d lines: %s", got, text)
	}
}

func TestGrouped(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 15_000: "15,000", 1_234_567: "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("%d is written %s", n, got)
		}
	}
}

func TestNewUUID(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	if a, b := newUUID(), newUUID(); !form.MatchString(a) || a == b {
		t.Errorf("got %s and %s", a, b)
	}
}
