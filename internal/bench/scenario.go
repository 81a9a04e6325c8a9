// Package bench measures the provider from outside: real Terraform takes
// configurations of every size through their life against a simulated tenant,
// and the calls, the time, and the CPU and memory of the provider's processes
// are counted. A provider that does nothing takes the same way, so that what
// Terraform itself costs is told apart. It judges calls only: seconds depend on
// the machine.
package bench

import (
	"fmt"
	"strings"
)

// Shape is the form of a configuration.
type Shape string

const (
	// Set is one mde_indicator_set.
	Set Shape = "set"
	// ForEach is single indicators by for_each.
	ForEach Shape = "for_each"
	// Count is single indicators by count, of which only a refresh is measured:
	// Terraform up to 1.12 takes quadratic time for for_each.
	Count Shape = "count"
	// Alone is one indicator in a tenant that is otherwise full of foreign ones.
	Alone Shape = "alone"
)

// Scenario is one configuration and the circumstances of its life.
type Scenario struct {
	Shape       Shape
	Size        int
	Parallelism int
	// Quotas tells whether the simulator keeps the documented quotas.
	Quotas bool
}

// tenantCap is how many indicators a tenant takes.
const tenantCap = 15_000

// String names the scenario, in a form that is easy to select.
func (s Scenario) String() string {
	name := fmt.Sprintf("%s-%d", s.Shape, s.Size)
	if s.Shape == ForEach {
		name += fmt.Sprintf("-p%d", s.Parallelism)
	}
	if s.Quotas {
		name += "-quotas"
	}
	return name
}

// title names the scenario for readers.
func (s Scenario) title() string {
	var parts []string
	switch s.Shape {
	case Set:
		parts = append(parts, "Set of "+thousands(s.Size))
	case ForEach:
		parts = append(parts, thousands(s.Size)+" single indicators by `for_each`", fmt.Sprintf("parallelism %d", s.Parallelism))
	case Count:
		parts = append(parts, thousands(s.Size)+" single indicators by `count`, refresh only")
	case Alone:
		parts = append(parts, "One indicator in a tenant of "+thousands(crowded+1))
	}
	if s.Quotas {
		parts = append(parts, "quotas on")
	}
	return strings.Join(parts, ", ")
}

// Scenarios returns what is measured: a selection of some minutes, or all.
func Scenarios(full bool) []Scenario {
	const usual = 10
	if !full {
		return []Scenario{
			{Shape: Set, Size: 1_000, Parallelism: usual},
			{Shape: Set, Size: tenantCap, Parallelism: usual},
			{Shape: ForEach, Size: 100, Parallelism: usual},
			{Shape: ForEach, Size: 100, Parallelism: usual, Quotas: true},
			{Shape: Alone, Size: 1, Parallelism: usual},
		}
	}
	var all []Scenario
	for _, quotas := range []bool{false, true} {
		for _, size := range []int{1_000, 5_000, tenantCap} {
			all = append(all, Scenario{Shape: Set, Size: size, Parallelism: usual, Quotas: quotas})
		}
		for _, size := range []int{100, 500, 1_000} {
			for _, parallelism := range []int{usual, 100} {
				all = append(all, Scenario{Shape: ForEach, Size: size, Parallelism: parallelism, Quotas: quotas})
			}
		}
		all = append(all, Scenario{Shape: Alone, Size: 1, Parallelism: usual, Quotas: quotas})
	}
	return append(all, Scenario{Shape: Count, Size: 5_000, Parallelism: usual})
}

// thousands writes a number with its thousands set off.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
