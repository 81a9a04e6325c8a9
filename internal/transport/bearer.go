package transport

import "net/http"

// bearer sets the headers that name the caller.
type bearer struct {
	next      http.RoundTripper
	tokens    TokenSource
	userAgent string
}

// RoundTrip implements http.RoundTripper.
func (b *bearer) RoundTrip(req *http.Request) (*http.Response, error) {
	signed := req.Clone(req.Context())
	if b.userAgent != "" {
		signed.Header.Set("User-Agent", b.userAgent)
	}
	if b.tokens == nil {
		return b.next.RoundTrip(signed)
	}
	token, err := b.tokens.Token(req.Context())
	if err != nil {
		return unsent(req, err)
	}
	signed.Header.Set("Authorization", "Bearer "+token)
	resp, err := b.next.RoundTrip(signed)
	if err == nil && resp.StatusCode == http.StatusUnauthorized {
		b.tokens.Reject(token)
	}
	return resp, err
}

// renew signs in before anything waits, and sends a request once more with a
// new token when the service refuses the first: a 401 comes before any effect.
type renew struct {
	next   http.RoundTripper
	tokens TokenSource
}

// RoundTrip implements http.RoundTripper.
func (r *renew) RoundTrip(req *http.Request) (*http.Response, error) {
	refused, err := r.tokens.Token(req.Context())
	if err != nil {
		return unsent(req, err)
	}
	resp, err := r.next.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusUnauthorized || !repeatable(req) {
		return resp, err
	}
	repeated, err := again(req)
	if err != nil {
		return resp, nil //nolint:nilerr // The 401 tells more than a body that cannot be read again.
	}
	token, err := r.tokens.Token(req.Context())
	if err == nil && token == refused {
		return resp, nil
	}
	discard(resp)
	if err != nil {
		return unsent(repeated, err)
	}
	return r.next.RoundTrip(repeated)
}
