package mde

import "sync"

// claims are the objects that this apply has written or adopted. A move leaves
// one resource and enters another in whichever order Terraform works; so a
// deletion asks here before it touches anything.
type claims[K comparable] struct {
	mu sync.Mutex
	// held gives the claimed object's own spelling of its key.
	held map[K]string
}

func newClaims[K comparable]() *claims[K] {
	return &claims[K]{held: map[K]string{}}
}

func (c *claims[K]) claim(key K, spelling string) (release func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.held[key]; ok {
		return nil, ErrClaimed
	}
	c.held[key] = spelling
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.held, key)
	}, nil
}

func (c *claims[K]) get(key K) (spelling string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	spelling, ok = c.held[key]
	return spelling, ok
}
