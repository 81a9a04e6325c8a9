package snapshot

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestGet_sharesOneLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var loads atomic.Int32
		s := New(time.Minute, func(context.Context) (int, error) {
			time.Sleep(time.Second)
			return int(loads.Add(1)), nil
		})
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if got, err := s.Get(t.Context()); got != 1 || err != nil {
					t.Errorf("Get() = %d, %v", got, err)
				}
			})
		}
		wg.Wait()
		time.Sleep(time.Minute)
		if got, _ := s.Get(t.Context()); got != 2 {
			t.Errorf("after its life the value is loaded anew, got %d", got)
		}
	})
}

func TestEdit_reachesALoadUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := New(time.Minute, func(context.Context) (int, error) {
			time.Sleep(time.Second)
			return 1, nil
		})
		go func() { _, _ = s.Get(t.Context()) }()
		synctest.Wait()
		s.Edit(func(int) int { return 7 })
		if got, _ := s.Get(t.Context()); got != 7 {
			t.Errorf("Get() = %d, want the edited value", got)
		}
		if got, held := s.Held(); got != 7 || !held {
			t.Errorf("Held() = %d, %v", got, held)
		}
	})
}

func TestDrop_aLoadBegunBeforeIsNotHeld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var loads atomic.Int32
		s := New(time.Minute, func(context.Context) (int, error) {
			n := loads.Add(1)
			time.Sleep(time.Second)
			return int(n), nil
		})
		first := make(chan int)
		go func() {
			got, _ := s.Get(t.Context())
			first <- got
		}()
		synctest.Wait()
		s.Drop()
		if got, _ := s.Get(t.Context()); got != 2 {
			t.Errorf("Get() after Drop = %d, want a new load", got)
		}
		if got := <-first; got != 1 {
			t.Errorf("the earlier reader got %d", got)
		}
		if got, _ := s.Held(); got != 2 {
			t.Errorf("Held() = %d, the dropped load was published", got)
		}
	})
}

func TestGet_theLastToLeaveEndsTheLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan struct{})
		s := New(time.Minute, func(ctx context.Context) (int, error) {
			<-ctx.Done()
			close(ended)
			return 0, ctx.Err()
		})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := s.Get(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v", err)
		}
		<-ended
	})
}

func TestGet_anErrorIsNotHeld(t *testing.T) {
	t.Parallel()
	calls := 0
	s := New(time.Minute, func(context.Context) (int, error) {
		calls++
		if calls == 1 {
			return 0, errors.New("no")
		}
		return 5, nil
	})
	if _, err := s.Get(t.Context()); err == nil {
		t.Error("want the error of the load")
	}
	if got, err := s.Get(t.Context()); got != 5 || err != nil {
		t.Errorf("Get() = %d, %v", got, err)
	}
}

func TestDropBefore_keepsWhatBeganLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var loads atomic.Int32
		s := New(time.Hour, func(context.Context) (int, error) {
			time.Sleep(time.Second)
			return int(loads.Add(1)), nil
		})
		get := func(want int) {
			t.Helper()
			if got, _ := s.Get(t.Context()); got != want {
				t.Errorf("Get() = %d, want %d", got, want)
			}
		}
		begin := time.Now()
		get(1)
		s.DropBefore(begin)
		get(1)
		s.DropBefore(time.Now())
		go func() { _, _ = s.Get(t.Context()) }()
		synctest.Wait()
		asked := time.Now()
		s.DropBefore(asked)
		get(2)
		s.DropBefore(asked)
		get(2)
		s.DropBefore(asked.Add(1))
		get(3)
	})
}
