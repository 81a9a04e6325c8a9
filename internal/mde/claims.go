package mde

import "sync"

// claims are the objects that this apply has written or adopted. A move leaves
// one resource and enters another in whichever order Terraform works, or both
// at once; so a deletion asks here before it touches anything, and a claim
// waits for the end of a deletion that is under way.
type claims[K comparable] struct {
	mu sync.Mutex
	// held gives the claimed object's own spelling of its key, or its id.
	held map[K]string
	// leaving counts the deletions under way; gone wakes who waits for them.
	leaving map[K]int
	gone    *sync.Cond
	// kept are those whose deletion has failed: the resource that could not give
	// them up has them still.
	kept map[K]bool
}

func newClaims[K comparable]() *claims[K] {
	c := &claims[K]{held: map[K]string{}, leaving: map[K]int{}, kept: map[K]bool{}}
	c.gone = sync.NewCond(&c.mu)
	return c
}

func (c *claims[K]) claim(key K, spelling string) (release func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.leaving[key] > 0 {
		c.gone.Wait()
	}
	if _, ok := c.held[key]; ok {
		return nil, ErrClaimed
	}
	if c.kept[key] {
		return nil, ErrKept
	}
	c.held[key] = spelling
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.held, key)
	}, nil
}

// name says how the object of a claim is called, which was not known when it was
// claimed. Without a claim it says nothing.
func (c *claims[K]) name(key K, spelling string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.held[key]; ok {
		c.held[key] = spelling
	}
}

func (c *claims[K]) get(key K) (spelling string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	spelling, ok = c.held[key]
	return spelling, ok
}

// leave announces a deletion, whose end done tells. A key that is claimed is
// not announced: then leave returns the claim's spelling.
func (c *claims[K]) leave(key K) (claimed string, held bool, done func(error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if claimed, held = c.held[key]; held {
		return claimed, true, func(error) {}
	}
	c.leaving[key]++
	return "", false, func(err error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.leaving[key]--
		c.kept[key] = err != nil
		c.gone.Broadcast()
	}
}

// keep marks a key whose deletion was not even tried.
func (c *claims[K]) keep(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, held := c.held[key]; !held {
		c.kept[key] = true
	}
}
