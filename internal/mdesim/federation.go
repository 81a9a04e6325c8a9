package mdesim

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
)

// Endpoint is where something on a machine or in a CI system hands out tokens,
// and what it wants to see for that.
type Endpoint struct {
	// URL is on the port of the token endpoint, whose certificate
	// [Server.CACertPEM] vouches for.
	URL string
	// Secret is the bearer token of a job, or the header of an identity.
	Secret string
}

const (
	jobToken       = "sim~Token.of-the-Job"
	identityHeader = "sim~Header.of-the-Identity"
	pathGitHub     = "ci/github"
	pathADO        = "ci/azuredevops"
	pathAppService = "msi/token"
	// pathMachine is where a virtual machine finds its identity, on an address
	// that no simulator can have.
	pathMachine = "metadata/identity/oauth2/token"
)

// The issuers and subjects of the federated credentials that a tenant has by
// default, and the service connection that Azure DevOps knows.
const (
	GitHubIssuer      = "https://token.actions.githubusercontent.com"
	GitHubSubject     = "repo:contoso/defender:ref:refs/heads/main"
	ADOIssuer         = "https://vstoken.dev.azure.com/0f1e2d3c-0000-4000-8000-000000000000"
	ADOSubject        = "sc://contoso/defender/mde"
	KubernetesIssuer  = "https://oidc.example/cluster"
	KubernetesSubject = "system:serviceaccount:terraform:apply"
	ServiceConnection = "5e47ca11-0000-4000-8000-c044ec710000"
)

func defaultFederation() []FederatedCredential {
	return []FederatedCredential{{GitHubIssuer, GitHubSubject}, {ADOIssuer, ADOSubject}, {KubernetesIssuer, KubernetesSubject}}
}

// GitHubActions is the endpoint that issues a GitHub Actions job its tokens.
func (s *Server) GitHubActions() Endpoint {
	return Endpoint{URL: s.authorityURL + "/" + pathGitHub + "?api-version=2.0", Secret: jobToken}
}

// AzureDevOps is the endpoint that issues an Azure DevOps job its tokens.
func (s *Server) AzureDevOps() Endpoint {
	return Endpoint{URL: s.authorityURL + "/" + pathADO, Secret: jobToken}
}

// AppService is the identity endpoint of an App Service.
func (s *Server) AppService() Endpoint {
	return Endpoint{URL: s.authorityURL + "/" + pathAppService, Secret: identityHeader}
}

// Assertion returns a new one, as a cluster or CI system issues it.
func (s *Server) Assertion(issuer, subject string) string {
	now := s.Now()
	claims := map[string]any{
		"iss": issuer, "sub": subject, "aud": federatedAudience, "iat": now.Unix(), "exp": now.Add(s.options.AssertionLife).Unix(),
		"jti": strconv.FormatInt(s.issued.Add(1), 10),
	}
	signed := encode(map[string]string{"typ": "JWT", "alg": "RS256", "kid": "simulated"}) + "." + encode(claims)
	return signed + "." + base64.RawURLEncoding.EncodeToString([]byte("no signature is checked"))
}

// federationRoutes are the neighbours of the token endpoint that hand out
// assertions and identities.
func (s *Server) federationRoutes() []route {
	return []route{
		{op: OpAssertion, method: http.MethodGet, path: pathGitHub, handle: s.issueForGitHub},
		{op: OpAssertion, method: http.MethodPost, path: pathADO, handle: s.issueForADO},
		{op: OpIdentity, method: http.MethodGet, path: pathAppService, handle: s.identifyAppService},
		{op: OpIdentity, method: http.MethodGet, path: pathMachine, handle: s.identifyMachine},
	}
}

func (s *Server) issueForGitHub(r *request) response {
	switch query := r.http.URL.Query(); {
	case r.http.Header.Get("Authorization") != "Bearer "+jobToken:
		return plain(http.StatusUnauthorized, "message", "The job's token is not valid.")
	case query.Get("api-version") != "2.0" || query.Get("audience") != federatedAudience:
		return plain(http.StatusBadRequest, "message", "The query lacks api-version or audience.")
	}
	return plain(http.StatusOK, "value", s.Assertion(GitHubIssuer, GitHubSubject))
}

func (s *Server) issueForADO(r *request) response {
	switch query := r.http.URL.Query(); {
	case r.http.Header.Get("Authorization") != "Bearer "+jobToken:
		return plain(http.StatusUnauthorized, "message", "TF400813: The user is not authorized to access this resource.")
	case query.Get("api-version") == "" || query.Get("serviceConnectionId") != ServiceConnection:
		return plain(http.StatusNotFound, "message", "The service connection does not exist or is not authorized for the pipeline.")
	}
	return plain(http.StatusOK, "oidcToken", s.Assertion(ADOIssuer, ADOSubject))
}

func (s *Server) identifyAppService(r *request) response {
	if r.http.Header.Get("X-Identity-Header") != identityHeader {
		return plain(http.StatusUnauthorized, "message", "The identity header is missing or wrong.")
	}
	return s.identify(r)
}

func (s *Server) identifyMachine(r *request) response {
	if r.http.Header.Get("Metadata") != "true" {
		return plain(http.StatusBadRequest, "error_description", "Required metadata header not specified")
	}
	return s.identify(r)
}

// identify answers with a token of the managed identity: the application of
// the tenant, assigned both by the system and by a user.
func (s *Server) identify(r *request) response {
	query := r.http.URL.Query()
	if client := query.Get("client_id"); client != "" && !strings.EqualFold(client, s.options.ClientID) {
		return plain(http.StatusBadRequest, "error_description", "Identity not found")
	}
	resource, refusal := checkScope(query.Get("resource") + "/.default")
	if refusal != nil {
		return plain(refusal.status, "error_description", refusal.Error())
	}
	life := s.options.TokenLife
	return answer(http.StatusOK, typeJSON, map[string]string{
		"access_token": s.tokens.sign(s.tokens.claims(resource, r.now, life)), "token_type": "Bearer", "resource": resource,
		"expires_on": strconv.FormatInt(r.now.Add(life).Unix(), 10), "expires_in": strconv.Itoa(int(life.Seconds())), "client_id": s.options.ClientID,
	})
}

// plain is an answer of one property.
func plain(status int, name, text string) response {
	return answer(status, typeJSON, map[string]string{name: text})
}

// assertionClaims are what the journal keeps of an assertion: none is secret.
func assertionClaims(token string) map[string]string {
	var claims struct {
		Issuer   string   `json:"iss"`
		Subject  string   `json:"sub"`
		Audience audience `json:"aud"`
		ID       string   `json:"jti"`
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 || !decodeSegment(parts[1], &claims) {
		return nil
	}
	return map[string]string{"assertion_issuer": claims.Issuer, "assertion_subject": claims.Subject, "assertion_audience": strings.Join(claims.Audience, " "), "assertion_id": claims.ID}
}
