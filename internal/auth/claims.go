package auth

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// claims are what the provider reads of an access token. The service alone
// judges the token; these only make for better messages and a guard against
// the wrong tenant.
type claims struct {
	// readable tells that the token is a JWT.
	readable bool
	TenantID string   `json:"tid"`
	AppID    string   `json:"appid"`
	Roles    []string `json:"roles"`
	Scopes   string   `json:"scp"`
	Expires  float64  `json:"exp"`
}

// claimsOf reads a JWT. Any other token, which is as good, has no claims.
func claimsOf(token string) claims {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return claims{}
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return claims{}
	}
	var c claims
	if json.Unmarshal(payload, &c) != nil {
		return claims{}
	}
	c.readable = true
	return c
}

// expires returns zero when the token does not tell.
func (c claims) expires() time.Time {
	if c.Expires <= 0 {
		return time.Time{}
	}
	return time.Unix(int64(c.Expires), 0)
}
