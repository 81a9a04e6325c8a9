package guardrail

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// settle is how long nothing must have happened before deletions beyond the
// limit are refused: what looks like one may turn out to be a move, once the
// resource that takes the value over is planned.
const settle = 2 * time.Second

// deletions counts the values that the objects of a plan give up and that no
// other object of it keeps.
type deletions struct {
	limit *int64

	mu   sync.Mutex
	gone map[mde.IndicatorKey]string
	// records counts what is gone of each value, and kept are the values that
	// stay, whatever their action.
	records map[mde.IndicatorKey]int
	kept    map[mde.IndicatorKey]bool
	// excess is how much of what is gone is not kept.
	excess int64
	// busy is how many operations are under way, which may be followed by more.
	busy int
	// latest numbers those who were beyond the limit: the last one waits and
	// speaks for all.
	latest int
	// moved is closed, and made anew, whenever something happens.
	moved chan struct{}
}

func newDeletions(limit *int64) deletions {
	return deletions{limit: limit, gone: map[mde.IndicatorKey]string{}, records: map[mde.IndicatorKey]int{}, kept: map[mde.IndicatorKey]bool{}, moved: make(chan struct{})}
}

// CountsDeletions tells whether deletions are limited, and to how many.
func (r *Rules) CountsDeletions() (limit int64, ok bool) {
	if r == nil || r.deletions.limit == nil {
		return 0, false
	}
	return *r.deletions.limit, true
}

// Working says that an operation on indicators, or any call of the client, is
// under way until the returned function is called: a resource that waits for a
// data source may yet take over what seems to go.
func (r *Rules) Working() (done func()) {
	if _, ok := r.CountsDeletions(); !ok {
		return func() {}
	}
	step := func(by int) {
		r.deletions.mu.Lock()
		defer r.deletions.mu.Unlock()
		r.deletions.busy += by
		r.deletions.stir()
	}
	step(1)
	return func() { step(-1) }
}

// PlanDeletions counts what one object gives up and keeps by a plan; a second
// pass over the same object counts no further. When too many values would go
// it waits until the rest of the plan is known as far as it can be. Of all who
// find too many only the last one reports it, for all of them.
func (r *Rules) PlanDeletions(ctx context.Context, gives, keeps []mde.Indicator) *Refusal {
	if _, ok := r.CountsDeletions(); !ok {
		return nil
	}
	d := &r.deletions
	turn, changed := d.plan(gives, keeps)
	if turn == 0 {
		return nil
	}
	for {
		timer := time.NewTimer(settle)
		select {
		case <-changed:
			timer.Stop()
			if !d.waits(turn, &changed) {
				return nil
			}
			continue
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
			if !d.settled(changed) {
				continue
			}
		}
		return d.refusal()
	}
}

// CountDeletions counts what is about to be deleted without having been counted
// in the plan, because the limit was not known then.
func (r *Rules) CountDeletions(gives []mde.Indicator) *Refusal {
	if _, ok := r.CountsDeletions(); !ok {
		return nil
	}
	if turn, _ := r.deletions.plan(gives, nil); turn == 0 {
		return nil
	}
	return r.deletions.refusal()
}

// plan counts, and returns a turn and what ends the wait if these are beyond
// the limit.
func (d *deletions) plan(gives, keeps []mde.Indicator) (turn int, changed <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, indicator := range gives {
		d.give(indicator)
	}
	for _, indicator := range keeps {
		d.keep(indicator)
	}
	d.stir()
	if len(gives) == 0 || d.excess <= *d.limit {
		return 0, nil
	}
	d.latest++
	return d.latest, d.moved
}

func (d *deletions) give(indicator mde.Indicator) {
	key := indicator.Key()
	if _, ok := d.gone[key]; ok {
		return
	}
	d.gone[key] = indicator.IndicatorValue
	value := anyAction(key)
	d.records[value]++
	if !d.kept[value] {
		d.excess++
	}
}

func (d *deletions) keep(indicator mde.Indicator) {
	value := anyAction(indicator.Key())
	if !d.kept[value] {
		d.kept[value] = true
		d.excess -= int64(d.records[value])
	}
}

// waits tells whether it is still that turn's to wait, and for what.
func (d *deletions) waits(turn int, changed *<-chan struct{}) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	*changed = d.moved
	return turn == d.latest && d.excess > *d.limit
}

// settled tells whether nothing is under way, nor has happened since.
func (d *deletions) settled(since <-chan struct{}) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.busy == 0 && d.moved == since
}

func (d *deletions) refusal() *Refusal {
	d.mu.Lock()
	defer d.mu.Unlock()
	refusal := &Refusal{
		Rule: MaxIndicatorDeletions, what: "is more than the " + count(*d.limit, "indicator") + " that one apply may delete",
		remedy: "Check that the values are meant to go. If so, raise max_indicator_deletions for this apply, or delete them in smaller steps. What only moves to another resource does not count; if this plan says so of a move, use a moved block, or raise the limit for this apply.",
	}
	for key, value := range d.gone {
		if !d.kept[anyAction(key)] {
			refusal.add(value, "")
		}
	}
	slices.Sort(refusal.Values)
	return refusal
}

func (d *deletions) stir() {
	close(d.moved)
	d.moved = make(chan struct{})
}

func anyAction(key mde.IndicatorKey) mde.IndicatorKey {
	key.Action = ""
	return key
}
