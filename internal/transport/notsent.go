package transport

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
)

// ErrNotSent matches, through errors.Is, every failure that came before the
// service could act: no token, no place in the quota, no connection, a context
// that ended while waiting. Such a request has had no effect.
var ErrNotSent = errors.New("the request was not sent")

// notSent makes an error match [ErrNotSent] and keeps its text.
type notSent struct{ error }

// Is implements the interface of errors.Is.
func (e notSent) Is(target error) bool { return target == ErrNotSent }

// Unwrap returns the failure.
func (e notSent) Unwrap() error { return e.error }

// unsent ends a request that goes no further. A round-tripper closes the body
// of what it does not pass on.
func unsent(req *http.Request, err error) (*http.Response, error) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
	return nil, notSent{err}
}

// unconnected tells whether a connection never came about, so that nothing was
// sent on it.
func unconnected(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") || untrusted(err)
}

func untrusted(err error) bool {
	var refused *tls.CertificateVerificationError
	return errors.As(err, &refused)
}
