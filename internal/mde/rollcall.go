package mde

import (
	"context"
	"sync"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

// rollCallTime is how long after the first of them, in a process, all resources
// are expected to have said what they hold. Reading a real tenant takes as long.
const rollCallTime = 500 * time.Millisecond

// rollCall is the time in which all resources say what they hold. Those beyond
// Terraform's parallelism cannot say it in time.
type rollCall struct {
	mu    sync.Mutex
	began time.Time
}

// answer begins the roll call if nobody has, and returns how much of it is left.
func (c *rollCall) answer() (left time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.began.IsZero() {
		c.began = time.Now()
	}
	return rollCallTime - time.Since(c.began)
}

// await waits for the end of the roll call, or of ctx.
func (c *rollCall) await(ctx context.Context) {
	_ = transport.Sleep(ctx, c.answer())
}
