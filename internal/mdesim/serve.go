package mdesim

import (
	"bytes"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxBody bounds a request; the largest legal one is a 20 MB upload.
const maxBody = 64 << 20

// request is a call on its way to a handler.
type request struct {
	http   *http.Request
	params map[string]string
	body   []byte
	caller caller
	// base is the URL by which the client reached the server.
	base string
	now  time.Time
}

// metadata is the @odata.context of an entity set or type.
func (r *request) metadata(of string) string { return r.base + "/api/$metadata#" + of }

// control steers the simulator: no journal, no faults, no sign-in.
func (s *Server) control(w http.ResponseWriter, r *http.Request, route route, params map[string]string) {
	route.handle(&request{http: r, params: params, body: readBody(w, r)}).write(w)
}

// readBody reads a bounded body; a client that sends more is cut off.
func readBody(w http.ResponseWriter, r *http.Request) []byte {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return body
}

// serve takes a call through journal, fault rules, sign-in, permissions and
// quotas to its handler, and writes what comes back.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, route route, params map[string]string) {
	body := readBody(w, r)
	call := Call{
		Op: route.op, Method: r.Method, Path: r.URL.Path, Query: maskQuery(route.op, r.URL.RawQuery),
		Header: maskHeader(r.Header), Body: describeBody(route.op, r.Header, body), At: s.Now(),
	}
	entry := s.journal.open(call)
	fault := s.faults.take(call)
	if !fault.AfterEffect && !pause(r, fault.Delay) || fault.Cut == CutBeforeEffect {
		panic(http.ErrAbortHandler)
	}
	var answer response
	if fault.replaces() && !fault.AfterEffect {
		answer = fault.answer()
	} else {
		answer = s.admit(&request{http: r, params: params, body: body, base: baseURL(r), now: s.Now()}, route)
	}
	if fault.AfterEffect {
		if !pause(r, fault.Delay) {
			panic(http.ErrAbortHandler)
		}
		if fault.replaces() {
			answer = fault.answer()
		}
	}
	if fault.Cut == CutAfterEffect {
		panic(http.ErrAbortHandler)
	}
	answered := s.journal.answered(entry, answer.status)
	if s.options.OnCall != nil {
		s.options.OnCall(answered)
	}
	if fault.Cut == CutBody {
		answer.writeHalf(w)
	}
	answer.write(w)
}

// admit checks who calls and how often before the handler acts.
func (s *Server) admit(r *request, route route) response {
	if route.permissions != nil {
		caller, err := s.tokens.authorize(r.http.Header.Get("Authorization"), route.permissions, r.now)
		if err != nil {
			refusal := failed(err)
			if refusal.status == http.StatusUnauthorized {
				refusal.header.Set("Www-Authenticate", `Bearer error="invalid_token"`)
			}
			return refusal
		}
		r.caller = caller
	}
	if wait := s.governor.admit(route.family, r.now); wait > 0 {
		return s.throttled(wait)
	}
	return route.handle(r)
}

// throttled is the answer to a call above a quota.
func (s *Server) throttled(wait time.Duration) response {
	refusal := failed(refuse(http.StatusTooManyRequests, "TooManyRequests", "API calls quota exceeded! Please try again later."))
	if !s.options.NoRetryAfter {
		refusal.header.Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
	}
	return refusal
}

// answer is what the fault says in the handler's place.
func (f Fault) answer() response {
	status := f.Status
	if status == 0 {
		status = http.StatusOK
	}
	reply := response{status: status, header: http.Header{}, body: []byte(f.Body)}
	switch {
	case f.Body == "" && f.Op == OpToken:
		reply = entraRefusal(status, f.Code, f.Message)
	case f.Body == "":
		reply = failed(refuse(status, f.Code, "%s", f.Message))
	case strings.HasPrefix(f.Body, "<"):
		reply.header.Set("Content-Type", typeHTML)
	default:
		reply.header.Set("Content-Type", typeJSON)
	}
	if f.RetryAfter != "" {
		reply.header.Set("Retry-After", f.RetryAfter)
	}
	return reply
}

// pause waits unless the client leaves first.
func pause(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

func baseURL(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

// maskHeader copies a header without its credential.
func maskHeader(header http.Header) http.Header {
	masked := header.Clone()
	if masked.Get("Authorization") != "" {
		masked.Set("Authorization", "Bearer ***")
	}
	masked.Del("X-Identity-Header")
	return masked
}

// maskQuery hides the signature of a result link.
func maskQuery(op Op, query string) string {
	if op != OpDownloadResult {
		return query
	}
	before, _, found := strings.Cut(query, "sig=")
	if !found {
		return query
	}
	return before + "sig=***"
}

// describeBody is what the journal keeps of a body.
func describeBody(op Op, header http.Header, body []byte) []byte {
	switch op {
	case OpToken:
		return describeTokenRequest(body)
	case OpUploadLibraryFile:
		return describeUpload(header.Get("Content-Type"), body)
	}
	return bytes.Clone(body)
}
