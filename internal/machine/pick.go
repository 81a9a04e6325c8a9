package machine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// healthActive is the health status of a device that reports.
const healthActive = "Active"

// inventory is what a look-up by name asks of the client.
type inventory interface {
	List(ctx context.Context, filter string) iter.Seq2[mde.Machine, error]
}

// findByName returns the machine of that DNS name. Names are not unique: a
// re-installed device leaves its old entry behind.
func findByName(ctx context.Context, machines inventory, name string) (mde.Machine, error) {
	matches, err := matching(ctx, machines, nameFilter(name), name)
	if err != nil {
		return mde.Machine{}, err
	}
	if !slices.ContainsFunc(matches, active) {
		// The service compares the case of names; the whole inventory tells
		// whether there is another, which may be the one that reports.
		if matches, err = matching(ctx, machines, "", name); err != nil {
			return mde.Machine{}, err
		}
	}
	return pick(name, matches)
}

func matching(ctx context.Context, machines inventory, filter, name string) ([]mde.Machine, error) {
	var matches []mde.Machine
	for machine, err := range machines.List(ctx, filter) {
		if err != nil {
			return nil, err
		}
		if strings.EqualFold(machine.ComputerDNSName, name) {
			matches = append(matches, machine)
		}
	}
	return matches, nil
}

// nameFilter asks for the name as it is written and in lower case, in which
// devices usually report it.
func nameFilter(name string) string {
	filter := equals(name)
	if lower := strings.ToLower(name); lower != name {
		filter += " or " + equals(lower)
	}
	return filter
}

func equals(name string) string {
	return "computerDnsName eq '" + strings.ReplaceAll(name, "'", "''") + "'"
}

// pick returns the only machine, or of several the active one that was last
// seen. What that does not decide is an error that lists them.
func pick(name string, matches []mde.Machine) (mde.Machine, error) {
	switch len(matches) {
	case 0:
		return mde.Machine{}, fmt.Errorf("no machine has the name %q: %w", name, mde.ErrNotFound)
	case 1:
		return matches[0], nil
	}
	slices.SortFunc(matches, func(a, b mde.Machine) int {
		if rank := activeRank(a) - activeRank(b); rank != 0 {
			return rank
		}
		return b.LastSeen.Compare(a.LastSeen)
	})
	best, next := matches[0], matches[1]
	tied := active(next) && next.LastSeen.Equal(best.LastSeen)
	if active(best) && !tied {
		return best, nil
	}
	var list strings.Builder
	for _, machine := range matches {
		fmt.Fprintf(&list, "\n- id %s, %s, last seen %s", machine.ID, machine.HealthStatus, machine.LastSeen.UTC().Format(time.RFC3339))
	}
	return mde.Machine{}, errors.New("several machines have this name and none of them is the one that is active and was last seen; choose one by its id:" + list.String())
}

func active(machine mde.Machine) bool {
	return strings.EqualFold(machine.HealthStatus, healthActive)
}

// activeRank sorts active machines before all others.
func activeRank(machine mde.Machine) int {
	if active(machine) {
		return 0
	}
	return 1
}
