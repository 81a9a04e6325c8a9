package mdesim

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// entraError is a refusal of the token endpoint.
type entraError struct {
	status int
	// kind is the OAuth error, number that of the AADSTS code.
	kind    string
	number  int
	message string
}

func (e *entraError) Error() string { return fmt.Sprintf("AADSTS%d: %s", e.number, e.message) }

func entraRefuse(kind string, number int, format string, args ...any) *entraError {
	status := http.StatusBadRequest
	if kind == "invalid_client" {
		status = http.StatusUnauthorized
	}
	return &entraError{status: status, kind: kind, number: number, message: fmt.Sprintf(format, args...)}
}

// entraRefusal has the shape of the token endpoint's errors.
func entraRefusal(status int, kind, description string, numbers ...int) response {
	const none = "00000000-0000-0000-0000-000000000000"
	return answer(status, typeJSON, map[string]any{
		"error": kind, "error_description": description, "error_codes": append([]int{}, numbers...),
		"trace_id": none, "correlation_id": none, "timestamp": time.Now().UTC().Format("2006-01-02 15:04:05Z"),
	})
}

func (e *entraError) answer() response {
	return entraRefusal(e.status, e.kind, e.Error()+" Trace ID: 00000000-0000-0000-0000-000000000000", e.number)
}

// serveAuthority answers everything on the authority's port.
func (s *Server) serveAuthority(w http.ResponseWriter, r *http.Request) {
	routes := []route{
		{method: http.MethodGet, path: "{tenant}/v2.0/.well-known/openid-configuration", handle: s.openIDConfiguration},
		{op: OpToken, method: http.MethodPost, path: "{tenant}/oauth2/v2.0/token", handle: s.issueToken},
	}
	found, params := choose(append(s.federationRoutes(), routes...), r.Method, strings.TrimPrefix(r.URL.EscapedPath(), "/"))
	s.serve(w, r, found, params)
}

func (s *Server) openIDConfiguration(r *request) response {
	if refusal := s.knowTenant(r.params["tenant"]); refusal != nil {
		return refusal.answer()
	}
	base := r.base + "/" + r.params["tenant"]
	return answer(http.StatusOK, typeJSON, map[string]any{
		"issuer":                                base + "/v2.0",
		"authorization_endpoint":                base + "/oauth2/v2.0/authorize",
		"token_endpoint":                        base + "/oauth2/v2.0/token",
		"jwks_uri":                              base + "/discovery/v2.0/keys",
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt"},
		"response_types_supported":              []string{"code"},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
	})
}

func (s *Server) knowTenant(tenant string) *entraError {
	if strings.EqualFold(tenant, s.options.TenantID) {
		return nil
	}
	return entraRefuse("invalid_request", 90002, "Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.", tenant)
}

// issueToken is the client-credentials grant.
func (s *Server) issueToken(r *request) response {
	form, err := url.ParseQuery(string(r.body))
	if err != nil {
		return entraRefuse("invalid_request", 900144, "The request body is malformed.").answer()
	}
	resource, refusal := s.checkSignIn(r, form)
	if refusal != nil {
		return refusal.answer()
	}
	life := s.options.TokenLife
	claims := s.tokens.claims(resource, r.now, life)
	return answer(http.StatusOK, typeJSON, map[string]any{
		"token_type": "Bearer", "expires_in": int(life.Seconds()), "ext_expires_in": int(life.Seconds()), "access_token": s.tokens.sign(claims),
	})
}

func (s *Server) checkSignIn(r *request, form url.Values) (resource string, refusal *entraError) {
	if refusal := s.knowTenant(r.params["tenant"]); refusal != nil {
		return "", refusal
	}
	if grant := form.Get("grant_type"); grant != "client_credentials" {
		return "", entraRefuse("unsupported_grant_type", 70003, "The app requested an unsupported grant type '%s'.", grant)
	}
	client := form.Get("client_id")
	if client == "" {
		return "", entraRefuse("invalid_request", 900144, "The request body must contain the following parameter: 'client_id'.")
	}
	if !strings.EqualFold(client, s.options.ClientID) {
		return "", entraRefuse("unauthorized_client", 700016, "Application with identifier '%s' was not found in the directory '%s'.", client, s.options.TenantID)
	}
	resource, refusal = checkScope(form.Get("scope"))
	if refusal != nil {
		return "", refusal
	}
	return resource, s.checkCredential(r, form)
}

// checkScope returns the resource of a scope such as
// https://api.securitycenter.microsoft.com/.default.
func checkScope(scope string) (resource string, refusal *entraError) {
	wanted := slices.DeleteFunc(strings.Fields(scope), func(s string) bool {
		return s == "openid" || s == "profile" || s == "offline_access"
	})
	if len(wanted) != 1 || !strings.HasSuffix(wanted[0], "/.default") {
		return "", entraRefuse("invalid_scope", 1002012, "The provided value for scope %s is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).", scope)
	}
	resource = strings.TrimSuffix(wanted[0], "/.default")
	if !slices.Contains(resources, strings.TrimSuffix(resource, "/")) {
		return "", entraRefuse("invalid_resource", 500011, "The resource principal named %s was not found in the tenant named Contoso.", resource)
	}
	return resource, nil
}

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

func (s *Server) checkCredential(r *request, form url.Values) *entraError {
	assertion := form.Get("client_assertion")
	switch {
	case assertion != "" && form.Get("client_assertion_type") != assertionType:
		return entraRefuse("invalid_request", 900144, "The request body must contain the following parameter: 'client_assertion_type'.")
	case assertion != "":
		return s.checkAssertion(assertion, r.base+r.http.URL.Path, r.now)
	case form.Get("client_secret") == "":
		return entraRefuse("invalid_client", 7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
	case form.Get("client_secret") != s.options.ClientSecret:
		return entraRefuse("invalid_client", 7000215, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '%s'.", s.options.ClientID)
	}
	return nil
}

// describeTokenRequest is what the journal keeps: no secret, no assertion.
func describeTokenRequest(body []byte) []byte {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil
	}
	credential := "none"
	switch {
	case form.Get("client_assertion") != "":
		credential = "client_assertion"
	case form.Get("client_secret") != "":
		credential = "client_secret"
	}
	kept := map[string]string{
		"grant_type": form.Get("grant_type"), "client_id": form.Get("client_id"), "scope": form.Get("scope"),
		"client_assertion_type": form.Get("client_assertion_type"), "credential": credential,
	}
	maps.Copy(kept, assertionClaims(form.Get("client_assertion")))
	text, _ := json.Marshal(kept) // A map of texts always marshals.
	return text
}
