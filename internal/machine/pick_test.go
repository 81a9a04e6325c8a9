package machine

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

func TestPick(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	machine := func(id, health string, seen time.Time) mde.Machine {
		return mde.Machine{ID: id, HealthStatus: health, LastSeen: seen}
	}
	for name, test := range map[string]struct {
		matches []mde.Machine
		want    string
		wantErr string
	}{
		"none":                              {nil, "", `no machine has the name "pc"`},
		"one, though inactive":              {[]mde.Machine{machine("a", "Inactive", day)}, "a", ""},
		"the active one":                    {[]mde.Machine{machine("a", "Inactive", day.Add(time.Hour)), machine("b", "active", day)}, "b", ""},
		"the last seen of the active":       {[]mde.Machine{machine("a", "Active", day), machine("b", "Active", day.Add(time.Hour)), machine("c", "Unknown", day)}, "b", ""},
		"active ones seen at the same time": {[]mde.Machine{machine("a", "Active", day), machine("b", "Active", day)}, "", "id a, Active, last seen 2026-11-01T00:00:00Z"},
		"none active":                       {[]mde.Machine{machine("a", "Inactive", day), machine("b", "Inactive", day.Add(time.Hour))}, "", "id b, Inactive"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := pick("pc", test.matches)
			switch {
			case test.wantErr == "" && (err != nil || got.ID != test.want):
				t.Errorf("got %q, %v; want %q", got.ID, err, test.want)
			case test.wantErr != "" && (err == nil || !strings.Contains(err.Error(), test.wantErr)):
				t.Errorf("got error %v, want one with %q", err, test.wantErr)
			}
		})
	}
}

// caseSensitive is an inventory whose filter compares the case of names.
type caseSensitive struct {
	machines []mde.Machine
	filters  []string
}

func (c *caseSensitive) List(_ context.Context, filter string) iter.Seq2[mde.Machine, error] {
	c.filters = append(c.filters, filter)
	return func(yield func(mde.Machine, error) bool) {
		for _, machine := range c.machines {
			if (filter == "" || strings.Contains(filter, "'"+machine.ComputerDNSName+"'")) && !yield(machine, nil) {
				return
			}
		}
	}
}

func TestFindByName(t *testing.T) {
	t.Parallel()
	inventory := &caseSensitive{machines: []mde.Machine{
		{ID: "a", ComputerDNSName: "PC-1.contoso.com"},
		{ID: "b", ComputerDNSName: "pc-2.contoso.com"},
		{ID: "old", ComputerDNSName: "pc-4", HealthStatus: "Inactive"},
		{ID: "new", ComputerDNSName: "PC-4", HealthStatus: "Active"},
	}}
	for name, want := range map[string]string{"pc-2.contoso.com": "b", "PC-2.Contoso.com": "b", "pc-1.CONTOSO.com": "a", "pc-4": "new"} {
		if got, err := findByName(t.Context(), inventory, name); err != nil || got.ID != want {
			t.Errorf("%s: got %q, %v; want %q", name, got.ID, err, want)
		}
	}
	if _, err := findByName(t.Context(), inventory, "pc-3"); !errors.Is(err, mde.ErrNotFound) {
		t.Errorf("got %v for a name that no machine has", err)
	}
}

func TestNameFilter(t *testing.T) {
	t.Parallel()
	const want = "computerDnsName eq 'O''Neill' or computerDnsName eq 'o''neill'"
	if got := nameFilter("O'Neill"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
