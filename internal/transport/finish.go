package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// FinishTime is how long a write that is under way is waited for after its caller
// was interrupted, so that the state knows what there is. A job that is cancelled
// has not much more before it is killed.
const FinishTime = 5 * time.Second

// finish lets requests that say so end although their caller was interrupted
// after they were sent: what the service has taken is better known than
// guessed. A deadline ends them all the same.
type finish struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (f *finish) RoundTrip(req *http.Request) (*http.Response, error) {
	caller := req.Context()
	if !TraitsOf(caller).Finish {
		return f.next.RoundTrip(req)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(caller))
	stop := context.AfterFunc(caller, func() {
		if errors.Is(caller.Err(), context.DeadlineExceeded) {
			cancel()
			return
		}
		time.AfterFunc(FinishTime, cancel)
	})
	end := func() { stop(); cancel() }
	resp, err := f.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		end()
		return resp, err
	}
	resp.Body = &lastRead{ReadCloser: resp.Body, end: end}
	return resp, nil
}

// lastRead is a body that tells when it is done with.
type lastRead struct {
	io.ReadCloser
	end func()
}

// Close implements io.Closer.
func (l *lastRead) Close() error {
	defer l.end()
	return l.ReadCloser.Close()
}
