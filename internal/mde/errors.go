package mde

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Sentinels that an [Error] matches through errors.Is.
var (
	// ErrNotFound matches 404 answers and look-ups that find nothing.
	ErrNotFound = errors.New("not found")
	// ErrForbidden matches 403 answers.
	ErrForbidden = errors.New("forbidden")
	// ErrUnauthorized matches 401 answers that a new sign-in did not mend.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrThrottled matches 429 answers.
	ErrThrottled = errors.New("throttled")
	// ErrUnavailable matches 5xx answers.
	ErrUnavailable = errors.New("unavailable")
	// ErrInvalid matches 400 answers.
	ErrInvalid = errors.New("invalid request")
	// ErrActiveRequest matches a live-response start that the service refuses
	// because the machine has an unfinished session.
	ErrActiveRequest = errors.New("another action is in progress")
	// ErrFull matches the refusal of a record because the tenant holds as many
	// active indicators as it can.
	ErrFull = errors.New("the tenant is full")
	// ErrUnseen matches the look-up of a record that was written only just now,
	// that the list does not show, and that cannot be asked for by id.
	ErrUnseen = errors.New("not seen yet")
	// ErrOutcomeUnknown matches a write whose answer was lost: the service may
	// or may not have taken it. Settle it by reading.
	ErrOutcomeUnknown = errors.New("outcome unknown")
	// ErrClaimed is the error of a second write to one object in one apply.
	ErrClaimed = errors.New("already written by another resource in this apply")
	// ErrKept is the error of a write to an object that another resource was to
	// delete in this apply and could not.
	ErrKept = errors.New("still held by another resource, which was to give it up in this apply and could not")
)

const (
	// codeActiveRequest is the code of a start that meets an unfinished session.
	codeActiveRequest = "ActiveRequestAlreadyExists"
	// codeNoEntity is the code of a 404 to a URL that is known.
	codeNoEntity = "ResourceNotFound"
)

// Error is a failed call of the API.
// https://learn.microsoft.com/en-us/defender-endpoint/api/common-errors
type Error struct {
	// Op is what was attempted, as "verb object": "create indicator".
	Op string
	// Method and Path of the call, without the query.
	Method, Path string
	// Status is the HTTP status, 0 when no answer came.
	Status int
	// Code and Message are the service's own words, empty when the body held
	// none.
	Code, Message string
	// CorrelationID is what Microsoft support asks for.
	CorrelationID string
	// SignIn says, of a 401, how the provider signs in; see [Identity].
	SignIn string
	// RetryAfter is the wait that the service asked for, 0 when it named none.
	RetryAfter time.Duration
	// Err is the cause when it is not the service's answer: a network error,
	// a body that could not be read, the end of the context.
	Err error
}

// Error gives operation, status, code, message and correlation id. It never
// holds a query string, a header or a body.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": %d %s", e.Status, http.StatusText(e.Status))
	}
	if e.Code != "" {
		fmt.Fprintf(&b, " (%s)", e.Code)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, ": %s", e.Message)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %s", e.Err)
	}
	if e.CorrelationID != "" {
		fmt.Fprintf(&b, " [correlation id %s]", e.CorrelationID)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is matches the sentinels of this package.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrNotFound:
		return e.Status == http.StatusNotFound
	case ErrForbidden:
		return e.Status == http.StatusForbidden
	case ErrUnauthorized:
		return e.Status == http.StatusUnauthorized
	case ErrThrottled:
		return e.Status == http.StatusTooManyRequests
	case ErrUnavailable:
		return e.Status >= http.StatusInternalServerError
	case ErrInvalid:
		return e.Status == http.StatusBadRequest
	case ErrActiveRequest:
		return strings.EqualFold(e.Code, codeActiveRequest)
	case ErrFull: // It has no code of its own that is known.
		return strings.Contains(strings.ToLower(e.Message), "max capacity")
	}
	return false
}
