package bench

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// The steps of a configuration's life.
const (
	stepPlan         = "plan"
	stepCreate       = "create"
	stepEmptyPlan    = "empty plan"
	stepChangeOne    = "change one"
	stepChangeAction = "change the action of all"
	stepDestroy      = "destroy"
)

// minute is the length of the simulator's quota minute. The provider counts in
// real ones, so that it is given ten times the documented limits: the same
// rate, with more room for bursts, which the simulator then refuses.
const (
	minute  = 6 * time.Second
	speedUp = int(time.Minute / minute)
)

// Bench runs scenarios.
type Bench struct {
	// Dir takes the working folders.
	Dir string
	// Terraform, Provider, Empty and Measure are paths of binaries: of
	// Terraform or OpenTofu, the provider, the one that does nothing, and the
	// one that stands in for either and measures it.
	Terraform, Provider, Empty, Measure string
	// Env is the environment of Terraform, without anything that configures it.
	Env []string
	// Progress is told what is going on.
	Progress io.Writer
	// Repeat is how often a scenario is run, if more than once.
	Repeat int

	// baseline keeps the runs of the empty provider, which quotas do not touch.
	baseline map[turn][]measured
}

// turn is one of the runs of a scenario.
type turn struct {
	scenario Scenario
	number   int
}

// Row is a step of a scenario: what it took, and what Terraform takes for it
// with a provider that does nothing.
type Row struct {
	scenario    Scenario
	step        string
	calls       Calls
	ours, empty measured
}

// Run takes a scenario through its life, with both providers in turn. Of
// repeated runs each time is the least, since other work on the machine only
// adds to it, and each other figure the most.
func (b *Bench) Run(ctx context.Context, s Scenario) ([]Row, error) {
	var rows []Row
	for number := range max(b.Repeat, 1) {
		again, err := b.once(ctx, turn{s, number})
		if number == 0 {
			rows = again
		}
		for i := range min(len(rows), len(again)) {
			rows[i].join(again[i])
		}
		if err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// join takes in the same step of another run.
func (r *Row) join(other Row) {
	for name, n := range other.calls {
		r.calls[name] = max(r.calls[name], n)
	}
	r.ours.join(other.ours)
	r.empty.join(other.empty)
}

func (m *measured) join(other measured) {
	m.wall, m.cpu = min(m.wall, other.wall), min(m.cpu, other.cpu)
	m.provider.CPU, m.provider.Peak = min(m.provider.CPU, other.provider.CPU), max(m.provider.Peak, other.provider.Peak)
}

func (b *Bench) once(ctx context.Context, t turn) ([]Row, error) {
	s, key := t.scenario, t
	key.scenario.Quotas = false
	empty, ok := b.baseline[key]
	if !ok {
		rows, err := b.life(ctx, s, b.Empty, nil)
		if err != nil {
			return nil, fmt.Errorf("%s, empty provider: %w", s, err)
		}
		for _, row := range rows {
			empty = append(empty, row.ours)
		}
		if b.baseline == nil {
			b.baseline = map[turn][]measured{}
		}
		b.baseline[key] = empty
	}
	tenant, err := mdesim.Start(simulated(s)) //nolint:contextcheck // It is closed when the run ends.
	if err != nil {
		return nil, err
	}
	defer tenant.Close()
	if s.Shape == Alone {
		crowd(tenant)
	}
	rows, err := b.life(ctx, s, b.Provider, tenant)
	if err != nil {
		err = fmt.Errorf("%s: %w", s, err)
	}
	for i := range rows {
		rows[i].empty = empty[i]
	}
	return rows, err
}

func simulated(s Scenario) mdesim.Options {
	if s.Quotas {
		return mdesim.Options{Quotas: mdesim.DocumentedQuotas(), Minute: minute}
	}
	return mdesim.Options{}
}

// crowded is how many foreign indicators crowd a tenant. A change of action
// needs a second place for a moment.
const crowded = tenantCap - 2

func crowd(tenant *mdesim.Server) {
	others := make([]mdesim.Indicator, crowded)
	for i := range others {
		others[i] = mdesim.Indicator{IndicatorType: "FileSha256", IndicatorValue: value(i + 1), Action: "Block", Title: "Other", Description: "Somebody else's."}
	}
	tenant.SeedIndicators(others...)
}

// rateLimits is the provider block. With the quotas off the provider's own must
// not slow it down either.
func rateLimits(s Scenario) string {
	factor := speedUp
	if !s.Quotas {
		factor = 1_000
	}
	return fmt.Sprintf(`  rate_limits = {
    requests_per_minute = %d
    requests_per_hour   = %d
    imports_per_minute  = %d
  }
`, 100*factor, 1500*factor, 30*factor)
}

// life runs the steps of a scenario; the empty provider has no tenant.
func (b *Bench) life(ctx context.Context, s Scenario, provider string, tenant *mdesim.Server) ([]Row, error) {
	env, in := append([]string{}, b.Env...), inputs{scenario: s, action: "Block", firstNote: note(0)}
	if tenant != nil {
		env = append(env, "MDE_ENDPOINT="+tenant.URL(), "MDE_ACCESS_TOKEN="+tenant.AccessToken())
		in.block = rateLimits(s)
	}
	f, err := newFolder(b.Dir, b.Terraform, b.Measure, provider, env)
	if err != nil {
		return nil, err
	}
	if err := f.write(in); err != nil {
		return nil, err
	}
	if _, err := f.run(ctx, "init", "-no-color"); err != nil {
		return nil, err
	}
	var rows []Row
	for _, step := range steps(s) {
		if step.prepare != nil {
			if err := step.prepare(ctx, f, &in, tenant); err != nil {
				return rows, err
			}
		}
		if tenant != nil {
			tenant.ResetJournal()
		}
		took, err := f.run(ctx, append(step.command, "-no-color", "-input=false", fmt.Sprintf("-parallelism=%d", s.Parallelism))...)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", step.name, err)
		}
		row := Row{scenario: s, step: step.name, ours: took}
		if tenant != nil {
			row.calls = countCalls(tenant.Journal())
		}
		fmt.Fprintf(b.Progress, "%s, %s: %.1f s, provider %.2f s CPU, calls: %s\n", s, step.name, took.wall.Seconds(), took.provider.CPU.Seconds(), row.calls)
		rows = append(rows, row)
	}
	return rows, nil
}
