// Package mdesim simulates a Defender for Endpoint tenant over HTTP, for tests
// and for trying a configuration without a tenant. It shares no code with the
// client.
//
// It promises: sign-in with secret, certificate or federated assertion on an
// HTTPS authority, beside it the endpoints of GitHub Actions and Azure DevOps
// that issue such assertions and those of managed identities; indicators with upsert, import, batch delete, expiry and
// cap; the live-response library; machines; live-response runs with their
// order, sessions, states, results and links; machine actions with cancel;
// OData filters, order and paging; quotas; the service's error bodies; faults
// on demand and a journal of every call. State follows from the server's clock
// alone: nothing runs in the background.
//
// It differs from the service where nobody knows the service's answer; the
// fields of [Options] play the other side of what is contradictory:
//   - A property that the API does not know is refused (InvalidRequestBody).
//   - A malformed item fails a whole import; an item with a refused value fails
//     alone.
//   - Addresses of private networks are accepted as indicators, and device
//     groups exist as soon as they are named.
//   - Device groups are no part of an indicator's key.
//   - A token that sees its application's own indicators only can update
//     another's, whose key a POST hits, but neither read nor delete it.
//   - Filters compare texts with their case, and identities are compared as the
//     documentation describes them: hashes, domains and URL hosts without case,
//     IPv6 by address.
//   - Quotas are sliding windows, and a refused call does not count.
//   - Scripts do not run: [Server.SetScript] says what they give.
//   - Only live response starts machine actions; isolation, scans and the like
//     can be seeded and cancelled.
//   - Not there at all: tags and device values, investigation packages, look-ups
//     by tag or address, $count as a path, $expand, interactive sign-in.
package mdesim

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// Server is one simulated tenant. It is safe for concurrent use.
type Server struct {
	options   Options
	clock     *clock
	tenant    *tenant
	tokens    *tokens
	journal   journal
	faults    faults
	governor  *governor
	issued    atomic.Int64
	authority *authority

	apiServer, authorityServer *http.Server
	apiURL, authorityURL       string
}

// New returns a tenant that listens nowhere; see [Server.Handler] and
// [Server.Transport].
func New(options Options) (*Server, error) {
	options = options.withDefaults()
	authority, err := newAuthority(options.CA)
	if err != nil {
		return nil, fmt.Errorf("making the authority's certificate: %w", err)
	}
	s := &Server{
		options:      options,
		clock:        &clock{},
		tokens:       newTokens(options),
		governor:     newGovernor(options.Quotas, options.Minute),
		authority:    authority,
		apiURL:       "http://127.0.0.1",
		authorityURL: "https://127.0.0.1",
	}
	s.tenant = newTenant(options, s.clock)
	s.Seed(options.Seed)
	return s, nil
}

// Start returns a tenant that serves its API and its token endpoint on two
// ports of the loopback interface until Close.
func Start(options Options) (*Server, error) {
	s, err := New(options)
	if err != nil {
		return nil, err
	}
	var listen net.ListenConfig
	api, err := listen.Listen(context.Background(), "tcp", s.options.Addr)
	if err != nil {
		return nil, fmt.Errorf("listening for API calls: %w", err)
	}
	sts, err := listen.Listen(context.Background(), "tcp", s.options.AuthorityAddr)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listening for token requests: %w", err), api.Close())
	}
	s.apiURL = "http://" + api.Addr().String()
	s.authorityURL = "https://" + sts.Addr().String()
	s.apiServer = newHTTPServer(s.Handler())
	s.authorityServer = newHTTPServer(s.AuthorityHandler())
	go func() { _ = s.apiServer.Serve(api) }()
	go func() { _ = s.authorityServer.Serve(tls.NewListener(sts, s.authority.config())) }()
	return s, nil
}

func newHTTPServer(handler http.Handler) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ErrorLog: silent()}
}

// Close stops listening and drops every connection.
func (s *Server) Close() {
	if s.apiServer != nil {
		_ = s.apiServer.Close()
		_ = s.authorityServer.Close()
	}
}

// Shutdown stops listening and lets running calls end.
func (s *Server) Shutdown(ctx context.Context) error {
	if s.apiServer == nil {
		return nil
	}
	return errors.Join(s.apiServer.Shutdown(ctx), s.authorityServer.Shutdown(ctx))
}

// Handler serves the API, the result links and the control paths below /sim/.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serveAPI) }

// AuthorityHandler serves the token endpoint.
func (s *Server) AuthorityHandler() http.Handler { return http.HandlerFunc(s.serveAuthority) }

// URL is the API's base URL.
func (s *Server) URL() string { return s.apiURL }

// AuthorityURL is the base URL of the token endpoint, whose certificate
// [Server.CACertPEM] vouches for.
func (s *Server) AuthorityURL() string { return s.authorityURL }

// TenantID is the tenant's id.
func (s *Server) TenantID() string { return s.options.TenantID }

// ClientID is the id of the registered application.
func (s *Server) ClientID() string { return s.options.ClientID }

// ClientSecret is the application's secret.
func (s *Server) ClientSecret() string { return s.options.ClientSecret }

// Now is the server's time.
func (s *Server) Now() time.Time { return s.clock.now() }

// Advance moves the server's time: indicators and links expire, runs go on,
// quota windows pass.
func (s *Server) Advance(d time.Duration) { s.clock.advance(d) }

// Reset brings everything back to the start, [Options.Seed] included.
func (s *Server) Reset() {
	s.clock.reset()
	s.governor.reset()
	s.faults.clear()
	s.journal.reset()
	s.tenant.reset()
	s.Seed(s.options.Seed)
}
