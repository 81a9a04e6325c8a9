package mdesim

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"syscall"
)

// Transport sends requests to the server without a network: https ones to the
// authority, all others to the API.
func (s *Server) Transport() http.RoundTripper {
	return memory{api: s.Handler(), authority: s.AuthorityHandler()}
}

type memory struct{ api, authority http.Handler }

// RoundTrip runs the handler and waits for it or for the request's end.
func (m memory) RoundTrip(r *http.Request) (*http.Response, error) {
	handler := m.api
	if r.URL.Scheme == "https" {
		handler = m.authority
	}
	inner := r.Clone(r.Context())
	inner.Host = r.URL.Host
	if r.URL.Scheme == "https" {
		inner.TLS = &tls.ConnectionState{}
	}
	if inner.Body == nil {
		inner.Body = http.NoBody
	}
	recorded := make(chan *recorder, 1)
	go func() {
		w := &recorder{header: http.Header{}}
		defer func() { _ = inner.Body.Close() }()
		defer func() {
			if reason := recover(); reason != nil {
				err, isError := reason.(error)
				if !isError || !errors.Is(err, http.ErrAbortHandler) {
					panic(reason)
				}
				w.cut = true
			}
			recorded <- w
		}()
		handler.ServeHTTP(w, inner)
	}()
	select {
	case w := <-recorded:
		return w.response(r)
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// recorder keeps an answer, and whether its connection was cut.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
	cut    bool
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) { w.status = status }

func (w *recorder) Write(p []byte) (int, error) { return w.body.Write(p) }

func (w *recorder) response(r *http.Request) (*http.Response, error) {
	if w.cut && w.status == 0 {
		return nil, fmt.Errorf("reading the answer: %w", syscall.ECONNRESET)
	}
	var body io.Reader = &w.body
	length := int64(w.body.Len())
	if w.cut {
		body = io.MultiReader(body, brokenReader{})
		length = 2 * length
	}
	return &http.Response{
		StatusCode: w.status, Status: fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(body), ContentLength: length, Request: r,
	}, nil
}

// brokenReader is the end of an answer that was cut.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
