package auth

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	msal "github.com/AzureAD/microsoft-authentication-library-for-go/apps/errors"
)

const (
	// attemptTimeout bounds one token request.
	attemptTimeout = 30 * time.Second
	// maxAttempts bounds the attempts after network errors.
	maxAttempts = 4
	// maxAnswer bounds an answer of the authority; MSAL itself reads all.
	maxAnswer = 1 << 20
)

// application signs in as an application, by whatever credential.
type application struct {
	config *Config
	method string
	// proof is the setting that the credential is made of.
	proof Setting
	// credential is asked at each sign-in, so that what lives in a file can
	// change there.
	credential func() (confidential.Credential, error)
	client     *http.Client
}

func newApplication(c *Config, method string, proof Setting, credential func() (confidential.Credential, error)) *application {
	return &application{config: c, method: method, proof: proof, credential: credential, client: newClient(c)}
}

// newClient returns a client for requests that hold a credential.
func newClient(c *Config) *http.Client {
	return &http.Client{Transport: bounded{c.named()}, CheckRedirect: stay}
}

// named sends requests in the provider's name.
func (c *Config) named() http.RoundTripper {
	if c.UserAgent == "" {
		return c.Base
	}
	return named{next: c.Base, agent: c.UserAgent}
}

type named struct {
	next  http.RoundTripper
	agent string
}

// RoundTrip implements http.RoundTripper.
func (n named) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("User-Agent", n.agent)
	return n.next.RoundTrip(req)
}

// stay follows no redirect: the credential goes nowhere else.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// acquire implements signIn; the context has a deadline. MSAL neither retries nor shares a sign-in among
// callers, and it asks anew each time for tokens that live less than five
// minutes. So its cache stays out of the way: each sign-in has a client of its
// own, and [Source] keeps the token.
func (a *application) acquire(ctx context.Context) (token, error) {
	host := strings.TrimRight(a.config.AuthorityHost.Text, "/")
	credential, err := a.credential()
	if err != nil {
		return token{}, err
	}
	client, err := confidential.New(host+"/"+a.config.TenantID.Text, a.config.ClientID.Text, credential,
		confidential.WithHTTPClient(a.client), confidential.WithInstanceDiscovery(isMicrosofts(host)))
	if err != nil {
		return token{}, &Error{Doing: "signing in with " + a.method, Settings: []Setting{a.config.AuthorityHost, a.config.TenantID}, Problem: err.Error()}
	}
	for attempt := 1; ; attempt++ {
		result, err := a.attempt(ctx, client)
		if err == nil {
			return token{text: result.AccessToken, expires: result.ExpiresOn}, nil
		}
		problem := a.explain(err)
		wait, worthwhile := verdict(err, attempt)
		if deadline, _ := ctx.Deadline(); !worthwhile || time.Until(deadline) < wait {
			return token{}, problem
		}
		a.config.Logger.LogAttrs(ctx, slog.LevelInfo, "Waiting for another attempt to sign in", slog.Duration("wait", wait), slog.Int("attempt", attempt), slog.Any("error", problem))
		if sleep(ctx, wait) != nil {
			return token{}, problem
		}
	}
}

func (a *application) attempt(ctx context.Context, client confidential.Client) (confidential.AuthResult, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	return client.AcquireTokenByCredential(ctx, []string{a.config.TokenScope.Text})
}

// verdict tells whether another token request is worthwhile, and when: after
// 429 and 503 until the context ends, after other failures a few times.
func verdict(err error, attempt int) (time.Duration, bool) {
	backOff := rand.N(min(500*time.Millisecond<<min(attempt-1, 10), 30*time.Second)) + 1
	var own *Error
	var call msal.CallErr
	var network net.Error
	var host *net.DNSError
	switch {
	case errors.As(err, &own):
		return backOff, own.passing && attempt < maxAttempts
	case errors.As(err, &call):
		status := call.Resp.StatusCode
		if seconds, err := strconv.ParseUint(call.Resp.Header.Get("Retry-After"), 10, 16); err == nil {
			backOff = time.Duration(seconds) * time.Second
		}
		busy := status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
		return backOff, busy || status >= http.StatusInternalServerError && attempt < maxAttempts
	case untrusted(err), errors.As(err, &host) && host.IsNotFound:
		return 0, false
	case errors.As(err, &network), errors.Is(err, io.ErrUnexpectedEOF):
		return backOff, attempt < maxAttempts
	}
	return 0, false
}

func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// bounded limits how much is read of an answer.
type bounded struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	return resp, nil
}
