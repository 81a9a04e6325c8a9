package mdesim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// resources are the names under which tokens for the API are asked for.
var resources = []string{
	"https://api.securitycenter.microsoft.com",
	"https://api.security.microsoft.com",
	"https://securitycenter.onmicrosoft.com/windowsatpservice",
	"https://api.securitycenter.windows.com",
	"https://api-gcc.securitycenter.microsoft.us",
	"https://api-gov.securitycenter.microsoft.us",
}

// Claims are what an access token says.
type Claims struct {
	Audience string   `json:"aud"`
	Issuer   string   `json:"iss"`
	IssuedAt int64    `json:"iat"`
	Starts   int64    `json:"nbf"`
	Expires  int64    `json:"exp"`
	AppID    string   `json:"appid"`
	AppName  string   `json:"app_displayname,omitempty"`
	ObjectID string   `json:"oid,omitempty"`
	TenantID string   `json:"tid"`
	Roles    []string `json:"roles,omitempty"`
	// Scopes are the delegated permissions, separated by spaces.
	Scopes  string `json:"scp,omitempty"`
	Version string `json:"ver"`
}

// caller is who an admitted call comes from.
type caller struct {
	appID, appName string
	// ownOnly tells that the token sees its own indicators only.
	ownOnly bool
}

// tokens issues and checks access tokens. They are self-contained: one that was
// issued before a restart stays good.
type tokens struct {
	options Options
	key     []byte
}

func newTokens(options Options) *tokens {
	key := sha256.Sum256([]byte(options.TenantID + options.ClientSecret))
	return &tokens{options: options, key: key[:]}
}

// claims of a token issued now.
func (t *tokens) claims(audience string, now time.Time, life time.Duration) Claims {
	return Claims{
		Audience: audience,
		Issuer:   "https://sts.windows.net/" + t.options.TenantID + "/",
		IssuedAt: now.Unix(),
		Starts:   now.Unix(),
		Expires:  now.Add(life).Unix(),
		AppID:    t.options.ClientID,
		AppName:  appName,
		ObjectID: t.options.ClientID,
		TenantID: t.options.TenantID,
		Roles:    t.options.Roles,
		Version:  "1.0",
	}
}

const appName = "Defender as code"

// sign turns claims into a token: a JWT, or one opaque word.
func (t *tokens) sign(claims Claims) string {
	header := encode(map[string]string{"typ": "JWT", "alg": "HS256", "kid": "simulated"})
	signed := header + "." + encode(claims)
	token := signed + "." + t.mac(signed)
	if t.options.OpaqueToken {
		return base64.RawURLEncoding.EncodeToString([]byte(token))
	}
	return token
}

func (t *tokens) mac(signed string) string {
	mac := hmac.New(sha256.New, t.key)
	mac.Write([]byte(signed))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func encode(value any) string {
	// Maps and structs of texts and numbers always marshal.
	text, _ := json.Marshal(value)
	return base64.RawURLEncoding.EncodeToString(text)
}

// verify returns the claims of a token that this server has issued.
func (t *tokens) verify(token string) (Claims, bool) {
	if opaque, err := base64.RawURLEncoding.DecodeString(token); err == nil {
		token = string(opaque)
	}
	dot := strings.LastIndex(token, ".")
	if dot < 0 || !hmac.Equal([]byte(t.mac(token[:dot])), []byte(token[dot+1:])) {
		return Claims{}, false
	}
	var claims Claims
	_, payload, _ := strings.Cut(token[:dot], ".")
	return claims, decodeSegment(payload, &claims)
}

// decodeSegment decodes one part of a JWT.
func decodeSegment(segment string, into any) bool {
	text, err := base64.RawURLEncoding.DecodeString(segment)
	return err == nil && json.Unmarshal(text, into) == nil
}

// authorize admits a call whose token is valid now and has one of permissions.
func (t *tokens) authorize(header string, permissions []string, now time.Time) (caller, error) {
	token, isBearer := cutPrefixFold(header, "Bearer ")
	if !isBearer {
		return caller{}, refuse(http.StatusUnauthorized, "Unauthorized", "The request has no bearer token.")
	}
	claims, ok := t.verify(token)
	switch {
	case !ok, claims.TenantID == "":
		return caller{}, refuse(http.StatusUnauthorized, "Unauthorized", "The bearer token is not valid.")
	case now.Unix() >= claims.Expires:
		return caller{}, refuse(http.StatusUnauthorized, "Unauthorized", "The bearer token has expired.")
	case !slices.Contains(resources, strings.TrimSuffix(claims.Audience, "/")):
		return caller{}, refuse(http.StatusUnauthorized, "Unauthorized", "The bearer token is for another audience.")
	}
	held := append(strings.Fields(claims.Scopes), claims.Roles...)
	if !slices.ContainsFunc(permissions, func(p string) bool { return slices.Contains(held, p) }) {
		return caller{}, refuse(http.StatusForbidden, "Forbidden",
			"The application does not have any of the required application permissions (%s) to access the resource.", strings.Join(permissions, ", "))
	}
	return caller{appID: claims.AppID, appName: claims.AppName, ownOnly: !slices.Contains(held, "Ti.ReadWrite.All")}, nil
}

// AccessToken returns a bearer token that is good for ten years, however far
// the server's clock is advanced within them.
func (s *Server) AccessToken() string { return s.MintToken(func(*Claims) {}) }

// MintToken is AccessToken with other claims: expired, of another tenant,
// without a role.
func (s *Server) MintToken(edit func(*Claims)) string {
	claims := s.tokens.claims(resources[0], s.Now(), 10*365*24*time.Hour)
	edit(&claims)
	return s.tokens.sign(claims)
}
