package auth

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// claims are what the provider reads of an access token. The service alone
// judges the token; these only make for better messages and a guard against
// the wrong tenant. Each is read by itself, so that one of an odd form hides
// none of the others.
type claims struct {
	// readable tells that the token is a JWT, and what it permits.
	readable        bool
	TenantID, AppID string
	Roles, Scopes   []string
	Expires         float64
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
	var all map[string]any
	if json.Unmarshal(payload, &all) != nil || all == nil {
		return claims{}
	}
	text := func(name string) string {
		text, _ := all[name].(string)
		return text
	}
	roles, knowsRoles := words(all["roles"])
	scopes, knowsScopes := words(all["scp"])
	return claims{
		readable: knowsRoles && knowsScopes,
		TenantID: text("tid"), AppID: cmp.Or(text("appid"), text("azp")), // Tokens of version 2 have azp.
		Roles: roles, Scopes: scopes, Expires: seconds(all["exp"]),
	}
}

// words reads a list, or words that blanks part, and tells whether it is either.
func words(claim any) ([]string, bool) {
	switch claim := claim.(type) {
	case nil:
		return nil, true
	case string:
		return strings.Fields(claim), true
	case []any:
		var all []string
		for _, one := range claim {
			if word, ok := one.(string); ok {
				all = append(all, word)
			}
		}
		return all, true
	}
	return nil, false
}

// seconds is zero for what is no number.
func seconds(claim any) float64 {
	number, _ := claim.(float64)
	if text, ok := claim.(string); ok {
		number, _ = strconv.ParseFloat(text, 64) // Zero when it cannot be read.
	}
	return number
}

// expires returns zero when the token does not tell.
func (c claims) expires() time.Time {
	if c.Expires <= 0 {
		return time.Time{}
	}
	return time.Unix(int64(c.Expires), 0)
}
