package transport

import "errors"

// ErrNotSent matches, through errors.Is, every failure that came before the
// request reached the network: no token, no place in the quota, a context that
// ended while waiting. Such a request has had no effect.
var ErrNotSent = errors.New("the request was not sent")
