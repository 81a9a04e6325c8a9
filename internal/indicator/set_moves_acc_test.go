package indicator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// TestAccSet_moves has values leave one set and enter another in one apply, in
// an order that depends_on sets, or in none.
func TestAccSet_moves(t *testing.T) {
	t.Parallel()
	for name, more := range map[string]string{"at once": "", "one after the other": "depends_on = [mde_indicator_set.a]"} {
		for kind, settings := range map[string][2]string{
			"the same settings":    {"", ""},
			"the same application": {"application = \"app\"", "application = \"app\"\ntitle = \"b\""},
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				n := newTenant(t, mdesim.Options{})
				config := func(inA, inB map[string]string) string {
					return n.ProviderConfig() + set{name: "a", notes: inA, more: settings[0]}.String() + set{name: "b", notes: inB, more: settings[1] + "\n" + more}.String()
				}
				check := []statecheck.StateCheck{stateFunc(func() error {
					if got := len(n.Sim.Indicators()); got != 80 {
						return fmt.Errorf("the tenant holds %d records instead of 80", got)
					}
					return nil
				})}
				n.run(nil,
					resource.TestStep{Config: config(domains(0, 60), domains(60, 20)), ConfigStateChecks: check},
					resource.TestStep{Config: config(domains(0, 30), domains(30, 50)), ConfigStateChecks: check}, // Leave a, enter b.
					resource.TestStep{Config: config(domains(0, 70), domains(70, 10)), ConfigStateChecks: check}, // Enter a, leave b.
				)
			})
		}
	}
}

func TestAccSet_splitAndRenamed(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	check := []statecheck.StateCheck{stateFunc(func() error { return n.exactly(domains(0, 60), "Block", "Test") })}
	n.run(nil,
		resource.TestStep{Config: n.set(set{name: "whole", notes: domains(0, 60)}), ConfigStateChecks: check},
		resource.TestStep{Config: n.ProviderConfig() + set{name: "one", notes: domains(0, 30)}.String() + set{name: "two", notes: domains(30, 30)}.String(), ConfigStateChecks: check},
		resource.TestStep{Config: n.set(set{name: "renamed", notes: domains(0, 60)}), ConfigStateChecks: check},
	)
}

// TestAccSet_single has values go from singles to a set and back.
func TestAccSet_single(t *testing.T) {
	t.Parallel()
	singles := func(count int) string {
		return fmt.Sprintf(`
resource "mde_indicator" "single" {
  count           = %d
  indicator_type  = "DomainName"
  indicator_value = "0000${count.index}.evil.example"
  action          = "Block"
  title           = "Test"
  description     = "shared"
  application     = "app"
}
`, count)
	}
	for name, more := range map[string]string{"at once": "", "singles first": "depends_on = [mde_indicator.single]"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, mdesim.Options{})
			check := []statecheck.StateCheck{stateFunc(func() error { return n.exactly(domains(0, 20), "Block", "Test") })}
			config := func(count int) string {
				return n.ProviderConfig() + singles(count) + set{notes: domains(count, 20-count), more: "application = \"app\"\n" + more}.String()
			}
			n.run(nil,
				resource.TestStep{Config: config(3), ConfigStateChecks: check},
				resource.TestStep{Config: config(1), ConfigStateChecks: check},
				resource.TestStep{Config: config(5), ConfigStateChecks: check},
			)
		})
	}
}

func TestAccSet_twoSetsOfOneValue(t *testing.T) {
	t.Parallel()
	f := acctest.Workspace(t)
	n := newTenant(t, mdesim.Options{})
	f.Use(n.Env)
	f.Write("main.tf", set{name: "a", notes: domains(0, 20)}.String()+set{name: "b", notes: domains(19, 20)}.String())
	f.Init()
	output := f.Apply()
	if !says("Not saved: 1 of 20 values.*00019.evil.example: already written by another resource.*Keep one of the two").MatchString(output) {
		t.Errorf("the apply does not tell of the value that is in two sets:\n%s", output)
	}
	if err := n.exactly(domains(0, 39), "Block", "Test"); err != nil {
		t.Error(err)
	}
	f.Destroy()
	if err := n.holds(); err != nil {
		t.Error(err)
	}
}

// TestAccSet_full takes a set of the tenant's cap through its life, in as few
// calls as there can be. TestRollout_action changes the action of one.
func TestAccSet_full(t *testing.T) {
	t.Parallel()
	f := acctest.Workspace(t)
	n := newTenant(t, mdesim.Options{Quotas: mdesim.DocumentedQuotas()})
	f.Use(n.Env)
	f.Setenv("TF_LOG", "INFO") // A trace of so many values takes longer than the work.
	f.Init()
	step := func(name string, records int, calls map[mdesim.Op]int, run func()) {
		t.Helper()
		n.Sim.ResetJournal()
		run()
		if err := n.checkCount(records, calls); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	f.Write("main.tf", feed)
	f.Write("feed.csv", csv(15_000, nil))
	step("creation", 15_000, map[mdesim.Op]int{imports: 30, lists: 3}, func() { f.Apply() })
	step("empty plan", 15_000, map[mdesim.Op]int{lists: 3}, func() { f.Plan("-detailed-exitcode") })
	f.Write("feed.csv", csv(15_000, map[int]string{7: "beacon"}))
	if plan := f.Plan(); !strings.Contains(plan, "(14999 unchanged elements hidden)") {
		t.Errorf("the plan shows more than one line:\n%s", plan)
	}
	step("one change", 15_000, map[mdesim.Op]int{submits: 1}, func() { f.Apply() })
	step("destroy", 0, map[mdesim.Op]int{batchDeletes: 30, lists: 3}, func() { f.Destroy() })
}

// feed is a set made of a file, as in the documentation.
const feed = `
resource "mde_indicator_set" "feed" {
  action      = "Block"
  title       = "Feed"
  description = "shared"
  indicators  = { for row in csvdecode(file("${path.module}/feed.csv")) : row.value => row.note }
}
`

func csv(count int, notes map[int]string) string {
	var b strings.Builder
	b.WriteString("value,note\n")
	for n := range count {
		fmt.Fprintf(&b, "%05d.evil.example,%s\n", n, notes[n])
	}
	return b.String()
}
