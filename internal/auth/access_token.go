package auth

import (
	"context"
	"strings"
)

const accessTokenName = "a ready access token"

// accessTokenMethod uses a token that someone else has obtained.
func accessTokenMethod() method {
	return method{
		name:  accessTokenName,
		word:  "access_token",
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
	return token{text: text, expires: claimsOf(text).expires()}, nil
}
