package indicator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// rollout brings the tenant to what a set wants, value by value: what fails
// fails alone.
type rollout struct {
	indicators *mde.Indicators
	look       func(context.Context) (view, error)
	life       lifetime
	adopt      bool
	tasks      []*task
	removed    []*task
	// size is how many records the tenant holds, -1 when that was not read.
	size int
	// written of due records are written, and so many deleted, for the log.
	written, due, deleted int
	// gaps are how many values were without a record that the plan did not
	// announce.
	gaps int
	// began is when the first record was written, and spared are those that
	// were left to their owners.
	began  time.Time
	spared []string
}

// newRollout prepares the way from the prior state, which is nil at creation,
// to the plan.
func (r *setResource) newRollout(prior, plan *setModel, remembered setMemory) *rollout {
	p := &rollout{indicators: r.Client.Indicators, life: plan.lifetime(), adopt: plan.AdoptExisting.ValueBool()}
	p.tasks, p.removed = tasksOf(prior, plan, remembered, time.Now())
	p.look = func(ctx context.Context) (view, error) {
		if slices.ContainsFunc(p.tasks, (*task).changesAction) {
			records, err := p.indicators.All(ctx) // The free places count.
			return viewOf(records), err
		}
		keys := make([]mde.IndicatorKey, len(p.tasks))
		for i, t := range p.tasks {
			keys[i] = mde.IndicatorKey{Type: t.want.IndicatorType, Value: t.want.IndicatorValue}
		}
		return r.look(ctx, keys)
	}
	return p
}

// write is what the task asks of the guard.
func (p *rollout) write(t *task) write {
	w := write{want: t.want, life: p.life, adopt: p.adopt}
	if t.held.ID != "" {
		w.own = append(w.own, t.held.ID)
	}
	for _, s := range t.held.Left {
		w.own = append(w.own, s.ID)
	}
	return w
}

// survey judges every task.
func (p *rollout) survey(ctx context.Context) (view, error) {
	seen, err := p.look(ctx)
	if err != nil {
		return view{}, err
	}
	p.size = seen.size
	now := time.Now()
	for _, t := range p.tasks {
		t.survey(p.write(t), seen.of(t.want, t.held), now)
	}
	return seen, nil
}

// run does it all. An error means that nothing was written.
func (p *rollout) run(ctx context.Context) error {
	for _, t := range p.tasks {
		if t.occupies() {
			p.claim(t)
		}
	}
	err := p.surveyTwice(ctx)
	if err == nil {
		err = p.doubt(ctx)
	}
	if err != nil {
		for _, t := range p.tasks {
			t.unclaim()
		}
		return err
	}
	var plain, swapped, recreated []*task
	for _, t := range p.tasks {
		switch {
		case t.err != nil, t.expired:
		case t.verdict == refused:
			t.fail(existsError{*t.met})
		case t.recreates:
			recreated = append(recreated, t)
		case len(t.old()) > 0:
			swapped = append(swapped, t)
		default:
			plain = append(plain, t)
		}
	}
	p.due = len(recreated)
	for _, t := range slices.Concat(plain, swapped) {
		if !t.settled {
			p.due++
		}
	}
	p.began = time.Now()
	p.remove(ctx)
	p.send(ctx, plain)
	p.swap(ctx, swapped)
	p.recreate(ctx, recreated)
	p.recognise(ctx)
	return nil
}

// surveyTwice looks once more before anything is refused: another resource may
// have given it up since it was read.
func (p *rollout) surveyTwice(ctx context.Context) error {
	if _, err := p.survey(ctx); err != nil {
		return err
	}
	if !slices.ContainsFunc(p.tasks, func(t *task) bool { return t.verdict == refused }) {
		return nil
	}
	p.indicators.Fresh()
	_, err := p.survey(ctx)
	return err
}

// doubt asks for one of the records that are taken as they are. If it is gone,
// the list lags behind deletions, and all of them are written: what is there does
// not change by it.
func (p *rollout) doubt(ctx context.Context) error {
	isEqual := func(t *task) bool { return t.verdict == equal }
	first := slices.IndexFunc(p.tasks, isEqual)
	if first < 0 {
		return nil
	}
	gone, err := p.indicators.Gone(ctx, *p.tasks[first].met)
	if err != nil || !gone {
		return err
	}
	for _, t := range p.tasks {
		t.settled = t.settled && !isEqual(t)
	}
	return nil
}

// claim marks the task's key as written by this set, or fails the task.
func (p *rollout) claim(t *task) {
	if t.release != nil || t.err != nil {
		return
	}
	release, err := p.indicators.Claim(t.want.Key())
	if err != nil {
		t.err = err
		return
	}
	t.release = release
}

// remove deletes what the set has of values that it gives up, but for what
// another resource keeps.
func (p *rollout) remove(ctx context.Context) {
	p.discard(ctx, p.removed, func(t *task) []mde.Indicator {
		return slices.DeleteFunc(t.records(), func(record mde.Indicator) bool { return p.indicators.GiveUp(record.ID) })
	})
}

// discard deletes records of tasks, a call's worth at a time; where one cannot
// be deleted, its task fails. Those that have failed before keep theirs.
func (p *rollout) discard(ctx context.Context, tasks []*task, records func(*task) []mde.Indicator) {
	for part := range slices.Chunk(tasks, chunk) {
		p.deleteAll(ctx, part, records)
	}
}

func (p *rollout) deleteAll(ctx context.Context, tasks []*task, records func(*task) []mde.Indicator) {
	var owners []*task
	var all []mde.Indicator
	for _, t := range tasks {
		if t.err != nil {
			continue
		}
		for _, record := range records(t) {
			if p.spares(t, record) {
				continue
			}
			owners, all = append(owners, t), append(all, record)
		}
	}
	progress := func(int) { tflog.Info(ctx, grouped(p.deleted)+" records deleted") }
	for i, err := range p.indicators.DeleteAll(ctx, all, progress) {
		if err != nil {
			owners[i].err = err
			continue
		}
		owners[i].forget(all[i].ID)
		p.countDeleted()
	}
}

func (p *rollout) countDeleted() {
	p.deleted++
	if p.size > 0 {
		p.size--
	}
}

// send writes what the tasks want, as far as it is not there, a call's worth at
// a time, and deletes what that takes the place of.
func (p *rollout) send(ctx context.Context, tasks []*task) {
	var due, settled []*task
	for _, t := range tasks {
		switch {
		case t.err != nil:
		case t.settled:
			t.got = t.id
			settled = append(settled, t)
		default:
			if p.claim(t); t.err == nil {
				due = append(due, t)
			}
		}
	}
	for part := range slices.Chunk(due, chunk) {
		p.submit(ctx, part)
		p.probe(ctx, part)
		p.discard(ctx, part, (*task).old)
	}
	p.discard(ctx, settled, (*task).old)
}

// probe deletes one of the records that were taken over and left beside those
// that the writes were answered with. If it is gone, the list has shown deleted
// records, and the others need no call.
func (p *rollout) probe(ctx context.Context, tasks []*task) {
	first := slices.IndexFunc(tasks, (*task).displaces)
	if first < 0 {
		return
	}
	there, err := p.indicators.DeleteOne(ctx, *tasks[first].met)
	if err != nil {
		return // The deletion of all will tell.
	}
	if there {
		p.countDeleted()
	}
	tasks[first].metGone = true
	for _, t := range tasks {
		t.metGone = t.metGone || !there && t.displaces()
	}
}

func (p *rollout) submit(ctx context.Context, tasks []*task) {
	records := make([]mde.Indicator, len(tasks))
	for i, t := range tasks {
		records[i] = t.want
	}
	progress := func(int) {
		tflog.Info(ctx, fmt.Sprintf("%d of %d batches, %s of %s written", p.written/chunk, (p.due+chunk-1)/chunk, grouped(p.written), grouped(p.due)))
	}
	for i, result := range p.indicators.SubmitAll(ctx, records, progress) {
		t := tasks[i]
		if result.Err != nil {
			t.fail(result.Err)
			continue
		}
		t.got = result.Value.ID
		if t.got != t.id && p.size >= 0 {
			p.size++
		}
		if t.verdict == equal && t.got != t.id {
			t.verdict = vacant // A list has shown what was gone.
		}
		t.foreign = t.isNew() && stranger(p.indicators, result.Value, p.began)
	}
	p.written += len(tasks)
}

// swap writes records of the new action before it deletes those of the old, as
// many at a time as the tenant has free places. With none free the old ones of
// a chunk have to go first.
func (p *rollout) swap(ctx context.Context, tasks []*task) {
	for len(tasks) > 0 {
		free := limit - p.size
		n := min(len(tasks), free)
		if free <= 0 {
			n = min(len(tasks), chunk)
		}
		part := tasks[:n]
		tasks = tasks[n:]
		if free > 0 {
			p.send(ctx, part)
			tasks = append(p.unplaced(part), tasks...)
			continue
		}
		p.discard(ctx, part, (*task).old)
		p.send(ctx, part)
	}
}

// unplaced are the tasks for which there was no place after all: a token that
// shows the application's own records only does not show how full the tenant is.
func (p *rollout) unplaced(tasks []*task) []*task {
	var all []*task
	for _, t := range tasks {
		if errors.Is(t.err, mde.ErrFull) {
			t.err = nil
			all = append(all, t)
		}
	}
	if p.gaps += len(all); len(all) > 0 {
		p.size = limit
	}
	return all
}

// recreate deletes records and writes them again, a chunk at a time. A deletion
// leaves alone what is claimed, so that the claims have to wait.
func (p *rollout) recreate(ctx context.Context, tasks []*task) {
	for part := range slices.Chunk(tasks, chunk) {
		for _, t := range part {
			t.unclaim()
		}
		p.discard(ctx, part, func(t *task) []mde.Indicator { return append(t.old(), t.record(t.id)) })
		for _, t := range part {
			if t.err == nil {
				t.id, t.verdict = "", vacant
			}
		}
		p.send(ctx, part)
	}
}

// forget drops a record that was deleted from what the set holds of the value.
func (t *task) forget(id string) {
	if t.held.ID == id {
		t.held.ID = ""
	}
	t.held.Left = slices.DeleteFunc(slices.Clone(t.held.Left), func(s successor) bool { return s.ID == id })
	t.metGone = t.metGone || t.met != nil && t.met.ID == id
}

// failures are the values for which there is something left to do, and why.
func (p *rollout) failures() failures {
	var all failures
	for _, t := range slices.Concat(p.tasks, p.removed) {
		if t.err != nil {
			all = append(all, failure{t.value, t.err})
		}
	}
	return all
}

// saved tells whether anything that was wanted is there.
func (p *rollout) saved() bool {
	return slices.ContainsFunc(p.tasks, func(t *task) bool { return t.got != "" })
}

// grouped writes 15000 as 15,000.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
