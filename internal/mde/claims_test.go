package mde

import (
	"errors"
	"testing"
	"testing/synctest"
)

func TestClaims_waitForADeletion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClaims[string]()
		_, held, done := c.leave("a")
		if held {
			t.Fatal("nobody has claimed it")
		}
		claimed := false
		go func() {
			_, err := c.claim("a", "A")
			claimed = err == nil
		}()
		synctest.Wait()
		if claimed {
			t.Error("claimed while it was being deleted")
		}
		done()
		synctest.Wait()
		if !claimed {
			t.Error("not claimed although the deletion has ended")
		}
		if spelling, held, _ := c.leave("a"); !held || spelling != "A" {
			t.Error("a claimed object may be deleted")
		}
		if _, err := c.claim("a", "a"); !errors.Is(err, ErrClaimed) {
			t.Errorf("second claim: %v", err)
		}
	})
}
