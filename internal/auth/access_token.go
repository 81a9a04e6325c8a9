package auth

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// accessTokenMethod uses a token that someone else has obtained.
func accessTokenMethod() method {
	return method{
		name:  "a ready access token",
		by:    func(c *Config) []Setting { return []Setting{c.AccessToken} },
		needs: func(*Config) []Setting { return nil },
		open: func(c *Config) (signIn, error) {
			c.Learn(c.AccessToken.Text)
			return readyToken{setting: c.AccessToken}, nil
		},
	}
}

type readyToken struct{ setting Setting }

// acquire implements signIn.
func (r readyToken) acquire(context.Context) (token, error) {
	text := strings.TrimSpace(r.setting.Text)
	expires := claimsOf(text).expires()
	if now := time.Now(); !expires.IsZero() && !now.Before(expires) {
		return token{}, &Error{
			Doing:    "signing in with a ready access token",
			Settings: []Setting{r.setting},
			Problem:  fmt.Sprintf("the token expired at %s, and the clock of this machine says %s", expires.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339)),
		}
	}
	return token{text: text, expires: expires}, nil
}
