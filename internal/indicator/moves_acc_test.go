package indicator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// numbered is a list of values in HCL, from one number up to another.
func numbered(from, to int) string {
	var values []string
	for n := from; n < to; n++ {
		values = append(values, fmt.Sprintf("%q", fmt.Sprintf("%05d.evil.example", n)))
	}
	return "[" + strings.Join(values, ", ") + "]"
}

// singles are indicators for the values of a list, by index or by a key.
func singles(values, repeat, value, more string) string {
	return fmt.Sprintf(`
locals {
  values = %s
}

resource "mde_indicator" "each" {
  %s
  indicator_type  = "DomainName"
  indicator_value = %s
  action          = "Block"
  title           = "Test"
  description     = "shared"
  %s
}
`, values, repeat, value, more)
}

// TestAccIndicator_shifted has values go from one instance to the next, and to
// instances of other keys, in whatever order and number Terraform works.
func TestAccIndicator_shifted(t *testing.T) {
	t.Parallel()
	const byIndex, byKey, byNewKey = "count = length(local.values)", "for_each = { for value in local.values : value => value }", "for_each = { for value in local.values : \"new-${value}\" => value }"
	const indexed, keyed = "local.values[count.index]", "each.value"
	for name, tc := range map[string]struct {
		parallelism, from, to int
		before, after         [2]string
		more                  string
	}{
		"50 rows on":                {10, 1, 0, [2]string{byIndex, indexed}, [2]string{byIndex, indexed}, ""},
		"50 rows back":              {10, 0, 1, [2]string{byIndex, indexed}, [2]string{byIndex, indexed}, ""},
		"rows on, one at a time":    {1, 44, 43, [2]string{byIndex, indexed}, [2]string{byIndex, indexed}, ""},
		"rows back, one at a time":  {1, 43, 44, [2]string{byIndex, indexed}, [2]string{byIndex, indexed}, ""},
		"rows on, new before old":   {10, 31, 30, [2]string{byIndex, indexed}, [2]string{byIndex, indexed}, "lifecycle {\n    create_before_destroy = true\n  }"},
		"rows back, new before old": {1, 43, 44, [2]string{byIndex, indexed}, [2]string{byIndex, indexed}, "lifecycle {\n    create_before_destroy = true\n  }"},
		"keys renamed":              {10, 30, 30, [2]string{byKey, keyed}, [2]string{byNewKey, keyed}, ""},
		"count to for_each":         {1, 44, 44, [2]string{byIndex, indexed}, [2]string{byKey, keyed}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, n := newWorkspace(t, mdesim.Options{})
			f.Write("main.tf", singles(numbered(tc.from, 51), tc.before[0], tc.before[1], tc.more))
			f.Apply()
			f.Write("main.tf", singles(numbered(tc.to, 51), tc.after[0], tc.after[1], tc.more))
			f.Apply(fmt.Sprintf("-parallelism=%d", tc.parallelism))
			if err := n.exactly(domains(tc.to, 51-tc.to), "Block", "Test"); err != nil {
				t.Error(err)
			}
			f.Plan("-detailed-exitcode")
		})
	}
}

// TestAccSet_reshaped has values go from sets to singles, from singles to sets,
// and from one set to two, also where the service refuses something meanwhile:
// the next apply finishes then.
func TestAccSet_reshaped(t *testing.T) {
	t.Parallel()
	const app = "application = \"app\"\n"
	shapes := map[string]string{
		"one set":  set{name: "x", notes: domains(0, 12), more: app}.String(),
		"two sets": set{name: "y", notes: domains(0, 4), more: app}.String() + set{name: "z", notes: domains(4, 8), more: app + "severity = \"Low\""}.String(),
		"singles":  singles(numbered(0, 12), "count = length(local.values)", "local.values[count.index]", app),
	}
	for _, tc := range []struct {
		parallelism int
		refused     mdesim.Op
	}{{10, ""}, {1, ""}, {10, imports}, {1, batchDeletes}} {
		t.Run(fmt.Sprintf("%d at a time, refused %q", tc.parallelism, tc.refused), func(t *testing.T) {
			t.Parallel()
			f, n := newWorkspace(t, mdesim.Options{})
			number := fmt.Sprintf("-parallelism=%d", tc.parallelism)
			for _, shape := range []string{"one set", "singles", "two sets", "one set", "two sets", "singles", "one set"} {
				f.Write("main.tf", shapes[shape])
				if tc.refused != "" {
					n.Sim.AddFault(mdesim.Fault{Op: tc.refused, Status: 409, Code: "Conflict", Message: "not now"})
					_, _ = f.Start("apply", "-input=false", "-no-color", "-auto-approve", number).Wait() // Some end with an error.
					n.Sim.ClearFaults()
				}
				f.Apply(number)
				if err := n.exactly(domains(0, 12), "Block", "Test"); err != nil {
					t.Errorf("after the change to %s: %v", shape, err)
				}
			}
			f.Plan("-detailed-exitcode")
		})
	}
}

// TestAccSet_movesInTwoApplies has an apply end after values have entered one
// resource and before they have left the other, as one that is interrupted, or
// limited to a target.
func TestAccSet_movesInTwoApplies(t *testing.T) {
	t.Parallel()
	const app = "application = \"app\"\n"
	a, b := func(from, count int) string { return set{name: "a", notes: domains(from, count), more: app}.String() }, func(from, count int) string {
		return set{name: "b", notes: domains(from, count), more: app + "severity = \"Low\""}.String()
	}
	each := singles(numbered(0, 5), "count = length(local.values)", "local.values[count.index]", app)
	renamed := singles(numbered(0, 20), "count = length(local.values)", "local.values[count.index]", app)
	shapes := map[string]struct{ before, after, first string }{
		"a set split":        {a(0, 20), b(0, 12) + set{name: "c", notes: domains(12, 8), more: app}.String(), "mde_indicator_set.b"},
		"rows change sets":   {a(0, 12) + b(12, 8), a(0, 4) + b(4, 16), "mde_indicator_set.b"},
		"a set to singles":   {a(0, 20), each + a(5, 15), "mde_indicator.each"},
		"singles to a set":   {each + b(5, 15), b(0, 20), "mde_indicator_set.b"},
		"one to another key": {singles(numbered(0, 20), "for_each = toset(local.values)", "each.value", app), singles(numbered(0, 20), "for_each = { for v in local.values : \"new-${v}\" => v }", "each.value", app), "mde_indicator.each[\"new-00003.evil.example\"]"},
		"another name":       {renamed, strings.Replace(renamed, `"mde_indicator" "each"`, `"mde_indicator" "renamed"`, 1), "mde_indicator.renamed"},
	}
	for name, tc := range shapes {
		for _, parallelism := range []int{1, 10} {
			t.Run(fmt.Sprintf("%s, %d at a time", name, parallelism), func(t *testing.T) {
				t.Parallel()
				f, n := newWorkspace(t, mdesim.Options{})
				f.Write("main.tf", tc.before)
				f.Apply("-parallelism=40")
				f.Write("main.tf", tc.after)
				f.Apply("-target", tc.first)
				output := f.Apply(fmt.Sprintf("-parallelism=%d", parallelism))
				if err := n.exactly(domains(0, 20), "Block", "Test"); err != nil {
					t.Errorf("%v:\n%s", err, output)
				}
				f.Plan("-detailed-exitcode")
			})
		}
	}
}

// TestAccIndicator_importedFromAnother has an import block take what another
// resource gives up in the same apply.
func TestAccIndicator_importedFromAnother(t *testing.T) {
	t.Parallel()
	for _, parallelism := range []int{1, 10} {
		t.Run(fmt.Sprintf("%d at a time", parallelism), func(t *testing.T) {
			t.Parallel()
			f, n := newWorkspace(t, mdesim.Options{})
			old := singles(numbered(0, 12), "for_each = toset(local.values)", "each.value", "")
			f.Write("main.tf", old)
			f.Apply()
			f.Write("main.tf", strings.Replace(old, `"mde_indicator" "each"`, `"mde_indicator" "imported"`, 1)+`
import {
  for_each = toset(local.values)
  to       = mde_indicator.imported[each.value]
  id       = "DomainName/${each.value}/Block"
}
`)
			output := f.Apply(fmt.Sprintf("-parallelism=%d", parallelism))
			if err := n.exactly(domains(0, 12), "Block", "Test"); err != nil {
				t.Errorf("%v:\n%s", err, output)
			}
			f.Plan("-detailed-exitcode")
		})
	}
}
