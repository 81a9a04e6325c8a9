package leanserver

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"
)

type key struct{}

func TestScope_endsWithItsParent(t *testing.T) {
	t.Parallel()
	parent, cancel := context.WithTimeout(context.WithValue(context.Background(), key{}, "v"), time.Hour)
	ctx, release := newScope(parent)
	defer release()
	child, stop := context.WithCancel(ctx)
	defer stop()
	if _, ok := ctx.Deadline(); !ok || ctx.Value(key{}) != "v" || ctx.Err() != nil {
		t.Error("a scope shows its parent's deadline and values")
	}
	cancel()
	<-child.Done()
	if !errors.Is(child.Err(), context.Canceled) || !errors.Is(ctx.Err(), context.Canceled) {
		t.Errorf("err = %v", child.Err())
	}
}

func TestScope_letsGoOfItsParent(t *testing.T) {
	t.Parallel()
	collected := make(chan struct{})
	ctx, release := func() (context.Context, func()) {
		heavy := new([1 << 20]byte)
		runtime.SetFinalizer(heavy, func(*[1 << 20]byte) { close(collected) })
		return newScope(context.WithValue(context.Background(), key{}, heavy))
	}()
	kept, cancel := context.WithCancel(ctx) // The framework's own, which it keeps.
	defer cancel()
	release()
	<-kept.Done()
	for range 100 {
		runtime.GC()
		select {
		case <-collected:
			if ctx.Value(key{}) != nil {
				t.Error("a released scope has no values")
			}
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Error("the parent is still held after the release")
}
