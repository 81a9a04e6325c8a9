package indicator_test

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

const setAddress = "mde_indicator_set.test"

// set is a set of that name, by default with a title, a description and the
// action Block, with further lines.
type set struct {
	name   string
	notes  map[string]string
	action string
	more   string
}

// domains are that many values from the given number on, without notes.
func domains(from, count int) map[string]string {
	notes := make(map[string]string, count)
	for n := range count {
		notes[fmt.Sprintf("%05d.evil.example", from+n)] = ""
	}
	return notes
}

// with returns the notes with some changed or added.
func with(notes map[string]string, changes map[string]string) map[string]string {
	all := maps.Clone(notes)
	maps.Copy(all, changes)
	return all
}

func (s set) String() string {
	if s.name == "" {
		s.name = "test"
	}
	if s.action == "" {
		s.action = "Block"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "resource \"mde_indicator_set\" %q {\n  action = %q\n", s.name, s.action)
	if !strings.Contains(s.more, "title") {
		b.WriteString("  title = \"Test\"\n")
	}
	fmt.Fprintf(&b, "  description = \"shared\"\n%s\n  indicators = {\n", s.more)
	for _, value := range slices.Sorted(maps.Keys(s.notes)) {
		fmt.Fprintf(&b, "    %q = %q\n", value, s.notes[value])
	}
	b.WriteString("  }\n}\n")
	return b.String()
}

func (n *tenant) set(s set) string { return n.ProviderConfig() + s.String() }

// count is a check of how many records the tenant has and how often an
// operation was called since the journal was reset.
func (n *tenant) count(records int, calls map[mdesim.Op]int) statecheck.StateCheck {
	return stateFunc(func() error { return n.checkCount(records, calls) })
}

func (n *tenant) checkCount(records int, calls map[mdesim.Op]int) error {
	if got := len(n.Sim.Indicators()); got != records {
		return fmt.Errorf("the tenant holds %d records instead of %d", got, records)
	}
	for _, op := range []mdesim.Op{mdesim.OpImportIndicators, mdesim.OpSubmitIndicator, mdesim.OpBatchDeleteIndicators, mdesim.OpDeleteIndicator} {
		if got := n.Sim.Count(op); got != calls[op] {
			return fmt.Errorf("%d calls to %s instead of %d", got, op, calls[op])
		}
	}
	if most, ok := calls[mdesim.OpListIndicators]; ok && n.Sim.Count(mdesim.OpListIndicators) > most {
		return fmt.Errorf("%d list calls, more than %d", n.Sim.Count(mdesim.OpListIndicators), most)
	}
	return nil
}

// blocked returns the record that blocks a value.
func (n *tenant) blocked(value string) mdesim.Indicator {
	n.t.Helper()
	for _, i := range n.Sim.Indicators() {
		if i.IndicatorValue == value && i.Action == "Block" {
			return i
		}
	}
	n.t.Fatalf("the tenant does not block %s", value)
	return mdesim.Indicator{}
}

func planned(action plancheck.ResourceActionType, checks ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: append(checks, plancheck.ExpectResourceAction(setAddress, action))}
}

// notes checks the map in the state.
func notes(want map[string]string) statecheck.StateCheck {
	all := map[string]knownvalue.Check{}
	for value, note := range want {
		all[value] = knownvalue.StringExact(note)
	}
	return statecheck.ExpectKnownValue(setAddress, tfjsonpath.New("indicators"), knownvalue.MapExact(all))
}

const (
	imports      = mdesim.OpImportIndicators
	submits      = mdesim.OpSubmitIndicator
	batchDeletes = mdesim.OpBatchDeleteIndicators
	deletes      = mdesim.OpDeleteIndicator
	lists        = mdesim.OpListIndicators
)

func TestAccSet_lifecycle(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	foreign := n.Sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "00000.evil.example", Action: "Allowed", Title: "theirs", Description: "theirs"})
	first := domains(0, 60)
	changed := with(first, map[string]string{"00007.evil.example": "beacon"})
	more := with(changed, domains(60, 30))
	fewer := maps.Clone(more)
	for value := range domains(30, 30) {
		delete(fewer, value)
	}
	resetting := func(step resource.TestStep) resource.TestStep {
		step.PreConfig = n.Sim.ResetJournal
		return step
	}
	id := statecheck.ExpectKnownValue(setAddress, tfjsonpath.New("id"), knownvalue.StringFunc(func(id string) error {
		if len(id) != 36 {
			return fmt.Errorf("%q is no UUID", id)
		}
		return nil
	}))
	n.run([]string{"00000.evil.example Allowed theirs"},
		resource.TestStep{
			Config:            n.set(set{notes: first}),
			ConfigPlanChecks:  planned(plancheck.ResourceActionCreate, plancheck.ExpectUnknownValue(setAddress, tfjsonpath.New("id"))),
			ConfigStateChecks: []statecheck.StateCheck{id, notes(first), n.count(61, map[mdesim.Op]int{imports: 1})},
		},
		resetting(resource.TestStep{
			Config:            n.set(set{notes: first}),
			ConfigPlanChecks:  planned(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{n.count(61, nil)},
		}),
		resetting(resource.TestStep{
			Config: n.set(set{notes: changed}),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, plancheck.ExpectKnownValue(setAddress, tfjsonpath.New("expired_count"), knownvalue.Int64Exact(0)),
				plancheck.ExpectKnownValue(setAddress, tfjsonpath.New("id"), knownvalue.NotNull())),
			ConfigStateChecks: []statecheck.StateCheck{n.count(61, map[mdesim.Op]int{submits: 1})},
		}),
		resetting(resource.TestStep{Config: n.set(set{notes: more}), ConfigStateChecks: []statecheck.StateCheck{n.count(91, map[mdesim.Op]int{imports: 1})}}),
		resetting(resource.TestStep{Config: n.set(set{notes: fewer}), ConfigStateChecks: []statecheck.StateCheck{notes(fewer), n.count(61, map[mdesim.Op]int{batchDeletes: 1})}}),
		resetting(resource.TestStep{ // A changed title is written to all.
			Config:            n.set(set{notes: fewer, more: `title = "new"`}),
			ConfigStateChecks: []statecheck.StateCheck{n.count(61, map[mdesim.Op]int{imports: 1})},
		}),
		resetting(resource.TestStep{Config: n.ProviderConfig(), ConfigStateChecks: []statecheck.StateCheck{n.count(1, map[mdesim.Op]int{batchDeletes: 1})}}),
	)
	if got := n.Sim.Indicators()[0]; got.ID != foreign[0] || got.Title != "theirs" {
		t.Errorf("somebody else's record became %+v", got)
	}
}

// TestAccSet_identity has the state remember the tenant, whatever happens to
// the values.
func TestAccSet_identity(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	identity := []statecheck.StateCheck{
		statecheck.ExpectIdentityValue(setAddress, tfjsonpath.New("tenant_id"), knownvalue.StringExact(mdesim.DefaultTenantID)),
		statecheck.ExpectIdentityValueMatchesState(setAddress, tfjsonpath.New("id")),
	}
	resource.Test(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{
			{Config: n.set(set{notes: domains(0, 3)}), ConfigStateChecks: identity},
			{Config: n.set(set{notes: domains(1, 3), action: "Warn"}), ConfigStateChecks: identity},
			{Config: n.set(set{notes: domains(1, 3), action: "Warn"}), PlanOnly: true},
		},
	})
}

func TestAccSet_everySettingUnderEveryService(t *testing.T) {
	t.Parallel()
	mixed := fmt.Sprintf(`
resource "mde_indicator_set" "test" {
  action              = "AlertAndBlock"
  title               = "Test"
  description         = "shared"
  indicator_type      = ""
  severity            = ""
  educate_url         = ""
  application         = "app"
  expiration_time     = "2035-01-31T01:00:00+01:00"
  recommended_actions = "call"
  generate_alert      = true
  rbac_group_names    = ["b", "a"]
  indicators = {
    %q = null
    %q = "note"
    %q = ""
    "Evil.EXAMPLE" = ""
    "https://Evil.example/Path?q=1&r='x'#f" = "x"
    "203.0.113.7" = ""
    "2001:DB8::7" = ""
    %s
  }
}
`, strings.ToUpper(sha1Hash), sha256Hash, md5Hash, `"other.example" = ""
    "third.example" = ""
    "fourth.example" = ""`)
	for name, options := range map[string]mdesim.Options{
		"recorded":         {},
		"hashes lowered":   {HashCase: mdesim.CaseLowered, DeleteStatus: 200, EmptyStrings: true},
		"hashes raised":    {HashCase: mdesim.CaseRaised, NoGetByID: true},
		"modern actions":   {ModerniseActions: true, PageSize: 3},
		"late list":        {VisibilityLag: 2 * time.Minute, PageSize: 3, NoNextLink: true},
		"own only":         {OwnIndicatorsOnly: true},
		"values respelled": {Respell: respell, ImportsAsStored: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, options)
			config := n.ProviderConfig() + mixed
			n.run(nil,
				resource.TestStep{Config: config},
				resource.TestStep{
					PreConfig: n.Sim.ResetJournal, Config: config, ConfigPlanChecks: planned(plancheck.ResourceActionNoop),
					ConfigStateChecks: []statecheck.StateCheck{n.count(10, nil)},
				},
				resource.TestStep{ // Another action, while the list may lag behind the first.
					PreConfig: n.Sim.ResetJournal, Config: strings.Replace(config, "AlertAndBlock", "Audit", 1), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					ConfigStateChecks: []statecheck.StateCheck{n.count(10, map[mdesim.Op]int{imports: 1, batchDeletes: 1})},
				},
			)
		})
	}
}

// respell is what a service might do to values that the documentation does not
// tell of.
func respell(indicatorType, value string) string {
	switch indicatorType {
	case "Url":
		return strings.ToLower(strings.ReplaceAll(value, "'", "%27")) + "/"
	case "IpAddress":
		return netip.MustParseAddr(value).String()
	}
	return strings.ToUpper(value)
}

// TestAccSet_listLags has the list lack everything that was just written.
func TestAccSet_listLags(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{VisibilityLag: 2 * time.Minute})
	values := domains(0, 60)
	config := n.set(set{notes: values})
	n.run(nil,
		resource.TestStep{Config: config},
		resource.TestStep{PreConfig: n.Sim.ResetJournal, Config: config, ConfigPlanChecks: planned(plancheck.ResourceActionNoop), ConfigStateChecks: []statecheck.StateCheck{notes(values), n.count(60, nil)}},
		resource.TestStep{ // What is really gone is missed all the same.
			PreConfig: func() {
				for id := range n.idsOf() {
					n.Sim.RemoveIndicator(id)
				}
			},
			Config: config, ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), ConfigStateChecks: []statecheck.StateCheck{n.count(60, map[mdesim.Op]int{imports: 1})},
		},
	)
}

// TestAccSet_othersAreInvisible has a set write values that somebody else, whom
// the token does not show, has already.
func TestAccSet_othersAreInvisible(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		count int
		lag   time.Duration
		lists int
	}{"many": {60, 0, 4}, "a handful": {5, 0, 3}, "one": {1, 0, 2}, "late list": {60, time.Minute, 4}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, n := newWorkspace(t, mdesim.Options{OwnIndicatorsOnly: true, VisibilityLag: tc.lag})
			theirs := n.Sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "00000.evil.example", CreationTimeDateTimeUTC: n.Sim.Now().Add(-20 * time.Second)})[0]
			values := domains(0, tc.count)
			f.Write("main.tf", set{notes: values}.String())
			if output := f.Apply(); !says("Indicators taken over.*could not see.*00000.evil.example with the action Block .id " + theirs).MatchString(output) {
				t.Errorf("the apply does not tell of the record that was taken over:\n%s", output)
			}
			if got := n.Sim.Count(lists); got > tc.lists {
				t.Errorf("%d list calls instead of %d", got, tc.lists)
			}
			f.Plan("-detailed-exitcode")
			f.Write("main.tf", set{notes: values, more: `title = "new"`}.String())
			f.Apply()
			f.Plan("-detailed-exitcode")
			if got := titleOf(n, theirs); got != "new" {
				t.Errorf("the record has the title %q", got)
			}
			if output := f.Destroy(); !says("Indicators left in the tenant.*id " + theirs).MatchString(output) {
				t.Errorf("the destroy does not tell what it leaves:\n%s", output)
			}
			if err := n.holds("00000.evil.example Block shared"); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAccSet_nobodyIsInvisible has no call more than others where there
// is no stranger.
func TestAccSet_nobodyIsInvisible(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{OwnIndicatorsOnly: true, PageSize: 500})
	n.run(nil,
		resource.TestStep{Config: n.set(set{notes: domains(0, 520)}), ConfigStateChecks: []statecheck.StateCheck{n.count(520, map[mdesim.Op]int{imports: 2, lists: 3})}},
	)
}

// isSmall tells of a list call that it asks for some records, or for their
// number, and not for all. Of any other call it is true.
func isSmall(call mdesim.Call) bool {
	query, err := url.ParseQuery(call.Query)
	return call.Op != lists || err == nil && (strings.Contains(query.Get("$filter"), "indicatorValue") || query.Get("$top") == "1")
}

func TestAccSet_handfulAsksForItsOwn(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{PageSize: 100})
	var theirs []mdesim.Indicator
	for i := range 1000 {
		theirs = append(theirs, mdesim.Indicator{IndicatorValue: fmt.Sprintf("%d.theirs.example", i)})
	}
	n.Sim.SeedIndicators(theirs...)
	config := n.set(set{notes: domains(0, 5)})
	n.run(nil,
		resource.TestStep{Config: config},
		resource.TestStep{PreConfig: n.Sim.ResetJournal, Config: config, PlanOnly: true},
		resource.TestStep{PreConfig: func() {
			for _, call := range n.Sim.Journal() {
				if !isSmall(call) {
					t.Errorf("a handful of values were looked for by GET %s?%s", call.Path, call.Query)
				}
			}
			for _, i := range n.Sim.Indicators() {
				if strings.Contains(i.IndicatorValue, "theirs") {
					n.Sim.RemoveIndicator(i.ID)
				}
			}
		}, Config: config},
	)
}

func TestAccSet_spellings(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	n.run(nil,
		resource.TestStep{Config: n.set(set{notes: with(domains(0, 20), map[string]string{"A.example": ""})})},
		resource.TestStep{ // Another spelling is no write.
			PreConfig: n.Sim.ResetJournal, Config: n.set(set{notes: with(domains(0, 20), map[string]string{"a.EXAMPLE": ""})}),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{n.count(21, nil)},
		},
		resource.TestStep{Config: n.set(set{}), ConfigStateChecks: []statecheck.StateCheck{n.count(0, map[mdesim.Op]int{batchDeletes: 1})}},
	)
}

func TestAccSet_badInput(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	of := func(more string, values ...string) string {
		all := map[string]string{}
		for _, value := range values {
			all[value] = ""
		}
		return n.set(set{notes: all, more: more})
	}
	var steps []resource.TestStep
	for _, bad := range []struct{ config, words string }{
		{of("", "A.com", "a.com"), `Duplicate indicator value.*"A.com" and "a.com" are the same value`},
		{of("", "2001:db8::7", "2001:DB8:0::7"), "Duplicate indicator value"},
		{of("", "10.0.0.0/8"), "single addresses only"},
		{of("", "*.evil.example"), "wildcard"},
		{of("", sha1Hash[1:]), "form of no hash, address, URL or domain.*set indicator_type"},
		{of(`indicator_type = "FileSha1"`, md5Hash), "as many as a FileMd5"},
		{of(`educate_url = "https://help.example"`, "evil.example"), "No effect.*evil.example"},
		{of(`expiration_time = "2020-01-31T00:00:00Z"`, "a.com"), "Expiry in the past"},
		{of("expires_in = \"1d\"\nexpiration_time = \"2035-01-31T00:00:00Z\"", "a.com"), "expires_in"},
		{of(`renew_before = "1d"`, "a.com"), "expires_in"},
		{of("expires_in = \"1d\"\nrenew_before = \"24h\"", "a.com"), "Renewal without end"},
	} {
		steps = append(steps, resource.TestStep{Config: bad.config, PlanOnly: true, ExpectError: says(bad.words)})
	}
	n.run(nil, steps...)
	if reads := n.Sim.Count(lists); reads != 0 {
		t.Errorf("refused configurations made %d calls", reads)
	}
}
