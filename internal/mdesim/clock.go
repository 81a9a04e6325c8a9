package mdesim

import (
	"sync"
	"time"
)

// clock is the server's own time: the real one (or that of a synctest bubble)
// and what [Server.Advance] has added.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

// now is in UTC and in the service's resolution of 100 ns.
func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead).UTC().Round(0).Truncate(100 * time.Nanosecond)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// lead is how far the clock is ahead of the real time.
func (c *clock) lead() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ahead
}

func (c *clock) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = 0
}

// timestamp prints an instant as the service does: UTC, Z, up to seven digits
// of fraction, trailing zeros dropped.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.9999999Z") }
