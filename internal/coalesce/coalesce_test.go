package coalesce

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// recorder is a batch function that doubles its items and keeps their number.
type recorder struct {
	mu    sync.Mutex
	sizes []int
	takes time.Duration
}

func (r *recorder) run(_ context.Context, ins []int) []Result[int] {
	time.Sleep(r.takes)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sizes = append(r.sizes, len(ins))
	out := make([]Result[int], len(ins))
	for i, in := range ins {
		out[i].Value = 2 * in
		if in == 13 {
			out[i].Err = errors.New("thirteen")
		}
	}
	return out
}

func TestDo_gathersAndKeepsResultsApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		g := New(Options{Idle: 50 * time.Millisecond, Longest: time.Second, Size: 500}, r.run)
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * 10 * time.Millisecond)
				got, err := g.Do(t.Context(), i)
				if got != 2*i || (err != nil) != (i == 13) {
					t.Errorf("Do(%d) = %d, %v", i, got, err)
				}
			})
		}
		wg.Wait()
		if fmt.Sprint(r.sizes) != "[20]" {
			t.Errorf("batches %v, want one of 20", r.sizes)
		}
	})
}

func TestDo_splitsAtTheSizeAndFillsWhileOneRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{takes: time.Minute}
		g := New(Options{Idle: 50 * time.Millisecond, Longest: time.Second, Size: 5}, r.run)
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * 200 * time.Millisecond)
				_, _ = g.Do(t.Context(), i)
			})
		}
		wg.Wait()
		if fmt.Sprint(r.sizes) != "[1 5 5 1]" {
			t.Errorf("batches %v", r.sizes)
		}
	})
}

func TestDo_doesNotWaitOnceAllOfTheCrowdAreThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{takes: time.Millisecond}
		g := New(Options{Idle: time.Second, Longest: time.Minute, Size: 500}, r.run)
		var wg sync.WaitGroup
		start := time.Now()
		for i := range 10 {
			wg.Go(func() {
				for range 8 {
					time.Sleep(time.Duration(i) * time.Millisecond)
					_, _ = g.Do(t.Context(), i)
				}
			})
		}
		wg.Wait()
		if fmt.Sprint(r.sizes) != "[10 10 10 10 10 10 10 10]" {
			t.Errorf("batches %v, want eight of 10", r.sizes)
		}
		// The first and the fifth wait for quiet.
		if took := time.Since(start); took > 2*time.Second+8*10*time.Millisecond {
			t.Errorf("took %s", took)
		}
	})
}

func TestDo_learnsThatTheCrowdHasGrown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		g := New(Options{Idle: time.Second, Longest: time.Minute, Size: 500}, r.run)
		_, _ = g.Do(t.Context(), 1)
		// Twenty workers begin far apart, so that a batch of what is there
		// would be over before the next of them comes.
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * 100 * time.Millisecond)
				for range 10 {
					_, _ = g.Do(t.Context(), i)
				}
			})
		}
		wg.Wait()
		if n := len(r.sizes); n > 1+3+10+1 {
			t.Errorf("%d batches of %v, want little more than ten", n, r.sizes)
		}
	})
}

func TestDo_aCallerThatLeavesHurtsNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{takes: time.Minute}
		g := New(Options{Idle: 50 * time.Millisecond, Longest: time.Second, Size: 5}, r.run)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := g.Do(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("err = %v", err)
			}
		})
		wg.Go(func() {
			if got, err := g.Do(t.Context(), 2); got != 4 || err != nil {
				t.Errorf("Do = %d, %v", got, err)
			}
		})
		wg.Wait()
		early, stop := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Millisecond, stop)
		_, _ = g.Do(early, 3)
		time.Sleep(2 * time.Minute)
		if fmt.Sprint(r.sizes) != "[2]" {
			t.Errorf("batches %v, an item whose caller left before is not sent", r.sizes)
		}
	})
}

func TestDo_anInterruptedCallerWaitsAMomentForWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		grace, takes, after time.Duration
		want                error
	}{
		"it ends":          {5 * time.Second, 3 * time.Second, 3 * time.Second, nil},
		"it takes longer":  {5 * time.Second, time.Minute, 6 * time.Second, context.Canceled},
		"there is no time": {0, 3 * time.Second, time.Second, context.Canceled},
	} {
		synctest.Test(t, func(t *testing.T) {
			g := New(Options{Size: 1, Longest: time.Second, Grace: tc.grace}, func(_ context.Context, in []int) []Result[int] {
				time.Sleep(tc.takes)
				return make([]Result[int], len(in))
			})
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			start := time.Now()
			if _, err := g.Do(ctx, 1); !errors.Is(err, tc.want) || time.Since(start) != tc.after {
				t.Errorf("%s: %v after %v, want %v after %v", name, err, time.Since(start), tc.want, tc.after)
			}
			time.Sleep(time.Minute)
		})
	}
}
