package mde

import (
	"errors"
	"testing"
	"testing/synctest"
)

// TestClaims_whatCouldNotBeDeleted has who could not give an object up have it
// still, so that nobody else takes it, until a deletion ends well.
func TestClaims_whatCouldNotBeDeleted(t *testing.T) {
	t.Parallel()
	c := newClaims[string]()
	_, _, failed := c.leave("a")
	failed(errors.New("not now"))
	c.keep("b")
	for _, key := range []string{"a", "b"} {
		if _, err := c.claim(key, key); !errors.Is(err, ErrKept) {
			t.Errorf("claim of %s: %v", key, err)
		}
		_, held, done := c.leave(key)
		if done(nil); held {
			t.Errorf("%s is claimed", key)
		}
		if _, err := c.claim(key, key); err != nil {
			t.Errorf("claim of %s once it is gone: %v", key, err)
		}
		if c.keep(key); c.kept[key] {
			t.Errorf("%s is claimed, and kept by another", key)
		}
	}
}

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
		done(nil)
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

func TestClaims_nameWhatIsClaimed(t *testing.T) {
	t.Parallel()
	c := newClaims[string]()
	c.name("a", "too early")
	if _, ok := c.get("a"); ok {
		t.Error("a name has claimed the object")
	}
	release, err := c.claim("a", "")
	if err != nil {
		t.Fatal(err)
	}
	c.name("a", "5142")
	if id, held, _ := c.leave("a"); !held || id != "5142" {
		t.Errorf("the claim is that of %q, %t", id, held)
	}
	release()
	c.name("a", "too late")
	if _, ok := c.get("a"); ok {
		t.Error("the claim is not released")
	}
}
