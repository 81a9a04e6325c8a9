// Package coalesce gathers what concurrent callers ask for into batches: one
// call, individual results. It knows nothing of Defender.
package coalesce

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Options bound a batch.
type Options struct {
	// Idle is how long a batch stays open after its latest item.
	Idle time.Duration
	// Longest is how long it stays open after its first.
	Longest time.Duration
	// Size is how many items it holds at most.
	Size int
	// Grace is how long a caller that is interrupted still waits for the result
	// of an item that is under way.
	Grace time.Duration
}

// Result is what one caller gets of a batch.
type Result[Out any] struct {
	Value Out
	Err   error
}

// Group gathers items. One batch runs at a time, so that while it waits for a
// quota the next one fills up. See [New]; it is safe for concurrent use.
type Group[In, Out any] struct {
	options Options
	run     func(context.Context, []In) []Result[Out]

	mu      sync.Mutex
	waiting []*item[In, Out]
	arrived chan struct{}
	working bool
	// callers are in Do, crowd is the most that ever were.
	callers, crowd int
	batches        int
}

// lookout is how many batches there are to one that waits for quiet although
// all the crowd is in it.
const lookout = 4

type item[In, Out any] struct {
	ctx    context.Context // a batch takes its values and its deadline from its items
	in     In
	result chan Result[Out]
	// sent is set once the item is under way.
	sent bool
}

// errNoResult is the error of an item for which a batch has no result.
var errNoResult = errors.New("the batch gave no result for this item")

// New returns a group that hands batches to run, which returns one result for
// each item in the order of the items.
func New[In, Out any](options Options, run func(context.Context, []In) []Result[Out]) *Group[In, Out] {
	return &Group[In, Out]{options: options, run: run, arrived: make(chan struct{}, 1)}
}

// Do adds an item and returns its result. A caller whose context ends leaves,
// after the grace that there is for interruptions; an item that has not been
// sent by then never is, a batch under way goes on.
func (g *Group[In, Out]) Do(ctx context.Context, in In) (Out, error) {
	it := &item[In, Out]{ctx: ctx, in: in, result: make(chan Result[Out], 1)}
	g.mu.Lock()
	g.callers++
	g.crowd = max(g.crowd, g.callers)
	g.waiting = append(g.waiting, it)
	if !g.working {
		g.working = true
		go g.work()
	}
	g.mu.Unlock()
	defer g.leave()
	select {
	case g.arrived <- struct{}{}:
	default:
	}

	select {
	case result := <-it.result:
		return result.Value, result.Err
	case <-ctx.Done():
	}
	if g.underWay(it) && errors.Is(ctx.Err(), context.Canceled) {
		grace := time.NewTimer(g.options.Grace)
		defer grace.Stop()
		select {
		case result := <-it.result:
			return result.Value, result.Err
		case <-grace.C:
		}
	}
	var zero Out
	return zero, ctx.Err()
}

func (g *Group[In, Out]) underWay(it *item[In, Out]) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return it.sent
}

func (g *Group[In, Out]) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.callers--
}

// work runs batches until nobody waits.
func (g *Group[In, Out]) work() {
	for g.anyone() {
		g.gather()
		if batch := g.take(); len(batch) > 0 {
			g.send(batch)
		}
	}
}

// anyone tells whether items wait; where none does, the work ends.
func (g *Group[In, Out]) anyone() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.working = len(g.waiting) > 0
	return g.working
}

// complete tells whether the batch need not wait for more: it is full, or all
// of the crowd is in it. Who works on ten things at once does not begin an
// eleventh before one is done. The first batch and some of the later ones wait
// for quiet all the same, to learn whether the crowd has grown.
func (g *Group[In, Out]) complete() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := len(g.waiting)
	return n >= g.options.Size || n >= g.crowd && g.batches%lookout != 0
}

// gather waits until the batch is complete, idle or old enough.
func (g *Group[In, Out]) gather() {
	longest := time.NewTimer(g.options.Longest)
	defer longest.Stop()
	for {
		if g.complete() {
			return
		}
		idle := time.NewTimer(g.options.Idle)
		select {
		case <-g.arrived:
			idle.Stop()
		case <-idle.C:
			return
		case <-longest.C:
			idle.Stop()
			return
		}
	}
}

// take removes the next batch, without the items whose callers have left.
func (g *Group[In, Out]) take() []*item[In, Out] {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.batches++
	var batch []*item[In, Out]
	for len(g.waiting) > 0 && len(batch) < g.options.Size {
		it := g.waiting[0]
		g.waiting = g.waiting[1:]
		if it.ctx.Err() == nil {
			it.sent = true
			batch = append(batch, it)
		}
	}
	return batch
}

// send runs one batch under the latest deadline of its items.
func (g *Group[In, Out]) send(batch []*item[In, Out]) {
	ctx := context.WithoutCancel(batch[0].ctx)
	if deadline, ok := latest(batch); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline)
		defer cancel()
	}
	ins := make([]In, len(batch))
	for i, it := range batch {
		ins[i] = it.in
	}
	results := g.run(ctx, ins)
	for i, it := range batch {
		if i < len(results) {
			it.result <- results[i]
		} else {
			it.result <- Result[Out]{Err: errNoResult}
		}
	}
}

// latest returns the latest deadline, or false when an item has none.
func latest[In, Out any](batch []*item[In, Out]) (time.Time, bool) {
	var last time.Time
	for _, it := range batch {
		deadline, ok := it.ctx.Deadline()
		if !ok {
			return time.Time{}, false
		}
		if deadline.After(last) {
			last = deadline
		}
	}
	return last, true
}
