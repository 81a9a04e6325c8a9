package mde

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Identity is what the access token says of itself.
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

// Identity returns what the token in hand says: hardly anything before the
// first call, and when the token is no JWT.
func (c *Client) Identity() Identity {
	if c.identity == nil {
		return Identity{}
	}
	return c.identity()
}

// SignIn is Identity for who cannot wait until the first call.
func (c *Client) SignIn(ctx context.Context) (Identity, error) {
	if c.tokens == nil {
		return c.Identity(), nil
	}
	_, err := c.tokens.Token(ctx)
	return c.Identity(), err
}

// TenantID returns the tenant that the client's token names: empty before the
// first call and when the token does not tell.
func (c *Client) TenantID() string { return c.Identity().TenantID }

// Endpoint is the API's base URL.
func (c *Client) Endpoint() string { return c.endpoint.String() }

// First tells whether it is asked about topic for the first time: a warning
// that concerns the client and no single object is given once.
func (c *Client) First(topic string) bool {
	_, known := c.said.LoadOrStore(topic, true)
	return !known
}

// OwnIndicatorsOnly tells whether the service shows the token only the
// indicators that the application has created.
func (i Identity) OwnIndicatorsOnly() bool {
	return slices.Contains(i.Roles, "Ti.ReadWrite") && !slices.Contains(i.Roles, "Ti.ReadWrite.All")
}

// ErrNotPermitted is the error of a call that was not made because the token
// lacks the permission for it.
var ErrNotPermitted = errors.New("not permitted by the access token")

// Permit returns nil if the token has one of permissions, or does not tell.
// Otherwise its error is [ErrNotPermitted].
func (i Identity) Permit(permissions []string) error {
	if !i.tells() || len(permissions) == 0 || slices.ContainsFunc(permissions, i.holds) {
		return nil
	}
	held := strings.Join(append(slices.Clone(i.Roles), i.Scopes...), ", ")
	if held == "" {
		held = "no permission at all"
	}
	return fmt.Errorf("%w, which holds %s", ErrNotPermitted, held)
}

// tells reports whether the token names its permissions. The scope
// user_impersonation stands for whatever the user may do.
func (i Identity) tells() bool { return i.Readable && !slices.Contains(i.Scopes, "user_impersonation") }

// holds finds an application permission, or the delegated one that is as good:
// Machine.Read for Machine.Read.All.
func (i Identity) holds(permission string) bool {
	return slices.Contains(i.Roles, permission) || slices.Contains(i.Scopes, permission) ||
		slices.Contains(i.Scopes, strings.TrimSuffix(permission, ".All"))
}
