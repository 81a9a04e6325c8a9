package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	// renewBefore is how long before its end a token is renewed; a token that
	// lives only minutes is used for most of its life all the same.
	renewBefore = 5 * time.Minute
	// patience bounds one sign-in, its retries included.
	patience = 2 * time.Minute
	// memory is how long a definite refusal answers for the calls that follow
	// it, and for how long a second 401 is no reason to sign in yet again.
	memory = time.Minute
)

// guid is what a tenant id looks like without its dashes; a tenant may also be
// named by a domain.
var guid = regexp.MustCompile(`^[0-9a-f]{32}$`)

func withoutDashes(id string) string { return strings.ToLower(strings.ReplaceAll(id, "-", "")) }

// Source is a token source for concurrent callers: they share one sign-in,
// which happens when the first of them needs it.
type Source struct {
	config  Config
	method  string
	word    string
	because string
	ignored []Setting
	signIn  signIn
	flight  singleflight.Group

	mu sync.Mutex
	// current serves until renewal.
	current token
	renewal time.Time
	claims  claims
	// refusal is the last definite refusal.
	refusal    error
	refusedAt  time.Time
	rejectedAt time.Time
}

// Format implements fmt.Formatter: it keeps settings and tokens out of whatever
// prints a source, to which fields that are not exported have no defence.
func (s *Source) Format(out fmt.State, _ rune) {
	_, _ = io.WriteString(out, "signing in with "+s.method)
}

// Method names the chosen way to sign in.
func (s *Source) Method() string { return s.method }

// Ignored returns the settings of the provider block that have no effect
// because they ask for another way to sign in.
func (s *Source) Ignored() []Setting { return s.ignored }

// Identity is what the token in hand says of itself.
type Identity struct {
	// Method is one word for the way to sign in: client_secret.
	Method string
	// SignIn says how it signs in, and which setting has chosen that.
	SignIn string
	// Readable tells that a token is at hand and is a JWT; nothing below is
	// known of any other.
	Readable bool
	// TenantID and ClientID are those of the token.
	TenantID, ClientID string
	// Roles are the application permissions, Scopes the delegated ones.
	Roles, Scopes []string
	// Expires is zero when nobody knows.
	Expires time.Time
}

// Identity tells only the method before the first sign-in.
func (s *Source) Identity() Identity {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Identity{
		Method: s.word, SignIn: s.method + ", " + s.because, Readable: s.claims.readable, TenantID: s.claims.TenantID, ClientID: s.claims.AppID,
		Roles: s.claims.Roles, Scopes: s.claims.Scopes, Expires: s.current.expires,
	}
}

// Token returns a token that is good for the next call. Its errors are
// [*Error], or the context's.
func (s *Source) Token(ctx context.Context) (string, error) {
	if text, err := s.held(); text != "" || err != nil {
		return text, err
	}
	// The sign-in belongs to all who wait for it and outlives the one that
	// began it.
	result := s.flight.DoChan("", func() (any, error) { return s.renew(context.WithoutCancel(ctx)) })
	select {
	case r := <-result:
		text, _ := r.Val.(string)
		return text, r.Err
	case <-ctx.Done():
		return "", fmt.Errorf("signing in with %s: %w", s.method, ctx.Err())
	}
}

// Reject reports that the service answered 401 to token: the next call of
// Token signs in anew. A token that is refused right after the last was will
// not get better.
func (s *Source) Reject(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); token == s.current.text && now.Sub(s.rejectedAt) > memory {
		s.current.text = ""
		s.rejectedAt = now
	}
}

// held returns the token in hand or the refusal in memory, or neither.
func (s *Source) held() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	switch {
	case s.current.text != "" && now.Before(s.renewal):
		return s.current.text, nil
	case s.refusal != nil && now.Sub(s.refusedAt) < memory:
		return "", s.refusal
	}
	return "", nil
}

// renew signs in.
func (s *Source) renew(ctx context.Context) (string, error) {
	if text, err := s.held(); text != "" || err != nil {
		return text, err // Another caller has just done it.
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	start := time.Now()
	fresh, err := s.signIn.acquire(ctx)
	if err != nil {
		return s.failed(err)
	}
	s.config.Learn(fresh.text)
	told := claimsOf(fresh.text)
	if err := s.sameTenant(told); err != nil {
		return s.failed(err)
	}
	if err := s.stillGood(fresh); err != nil {
		return s.failed(err)
	}
	s.config.Logger.LogAttrs(ctx, slog.LevelInfo, "Signed in with "+s.method,
		slog.String("tenant", told.TenantID), slog.String("application", told.AppID), slog.String("roles", strings.Join(told.Roles, " ")),
		slog.String("scopes", strings.Join(told.Scopes, " ")), slog.Time("expires", fresh.expires), slog.Duration("duration", time.Since(start)))

	s.mu.Lock()
	defer s.mu.Unlock()
	s.current, s.claims, s.refusal = fresh, told, nil
	s.renewal = renewal(time.Now(), fresh.expires)
	return fresh.text, nil
}

// failed remembers a refusal, and falls back on the token in hand while it
// lives.
func (s *Source) failed(err error) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.current.text != "" && now.Before(s.current.expires) {
		s.renewal = renewal(now, s.current.expires)
		return s.current.text, nil
	}
	err = s.config.masked(err)
	var refused *Error
	if errors.As(err, &refused) && refused.final {
		s.refusal, s.refusedAt = err, now
	}
	return "", err
}

// stillGood refuses a token that has expired by the clock of this machine.
func (s *Source) stillGood(fresh token) error {
	now := time.Now()
	if fresh.expires.IsZero() || now.Before(fresh.expires) {
		return nil
	}
	e := &Error{
		Doing:   "signing in with " + s.method,
		Problem: fmt.Sprintf("the token expired at %s, and the clock of this machine says %s", fresh.expires.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339)),
	}
	if s.method == accessTokenName {
		e.Settings = []Setting{s.config.AccessToken}
	}
	return e
}

// sameTenant guards the state of one tenant against the token of another. A
// tenant that is named by its domain cannot be compared.
func (s *Source) sameTenant(told claims) error {
	want := s.config.TenantID
	wanted := withoutDashes(want.Text)
	if told.TenantID == "" || !guid.MatchString(wanted) || withoutDashes(told.TenantID) == wanted {
		return nil
	}
	return &Error{
		Doing:    "signing in with " + s.method,
		Settings: []Setting{want},
		Problem:  fmt.Sprintf("the token belongs to the tenant %s, but tenant_id is %s. The state of one tenant is never applied to another", told.TenantID, want.Text),
		final:    true,
	}
}

// renewal is when a token that ends at expires is to be renewed. Services count
// whole seconds, so that its last one cannot be relied on.
func renewal(now, expires time.Time) time.Time {
	if expires.IsZero() {
		return now.Add(24 * time.Hour)
	}
	return expires.Add(-min(renewBefore, expires.Sub(now)/5+time.Second))
}
