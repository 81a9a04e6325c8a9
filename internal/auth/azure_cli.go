package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

const (
	azureCLIName = "the Azure CLI"
	// azTimeout bounds one run of az, which is slow to start.
	azTimeout = time.Minute
	// maxAzOutput bounds what is read of its output.
	maxAzOutput = 1 << 20
)

// azureCLIMethod signs in as whoever is logged in to the Azure CLI.
func azureCLIMethod() method {
	return method{
		name:  azureCLIName,
		word:  "azure_cli",
		flag:  func(c *Config) Setting { return c.UseCLI },
		by:    func(*Config) []Setting { return nil },
		needs: func(c *Config) []Setting { return []Setting{c.TenantID} },
		standby: func(c *Config) []string {
			if c.AzureCLI == "" {
				return []string{"the program az on PATH"}
			}
			return nil
		},
		open: openAzureCLI,
	}
}

func openAzureCLI(c *Config) (signIn, error) {
	if c.AzureCLI == "" {
		return nil, azureCLIError(c, "the program az is not on PATH. Install the Azure CLI and log in by az login --tenant "+c.TenantID.Text)
	}
	return &azureCLI{config: c}, nil
}

type azureCLI struct{ config *Config }

// acquire implements signIn.
func (a *azureCLI) acquire(ctx context.Context) (token, error) {
	ctx, cancel := context.WithTimeout(ctx, azTimeout)
	defer cancel()
	// Without a shell, so that no setting can be taken for a command.
	az := exec.CommandContext(ctx, a.config.AzureCLI, "account", "get-access-token", "--output", "json", "--scope", a.config.TokenScope.Text, "--tenant", a.config.TenantID.Text)
	var output, complaints bounds
	az.Stdout, az.Stderr = &output, &complaints
	az.WaitDelay = time.Second // az leaves children that keep its output open.
	if err := az.Run(); err != nil {
		return token{}, a.explain(ctx, err, complaints.String())
	}
	var answer struct {
		AccessToken string `json:"accessToken"`
		// ExpiresOn is what az says since 2.54, ExpiresLocal what it always said.
		ExpiresOn    any    `json:"expires_on"`
		ExpiresLocal string `json:"expiresOn"`
	}
	if err := json.Unmarshal(output.Bytes(), &answer); err != nil || answer.AccessToken == "" {
		return token{}, azureCLIError(a.config, "the output of az account get-access-token holds no token")
	}
	since := seconds(answer.ExpiresOn)
	expires := time.Unix(int64(since), 0)
	if since <= 0 {
		expires, _ = time.ParseInLocation("2006-01-02 15:04:05", answer.ExpiresLocal, time.Local) // Zero when az says neither.
	}
	return token{text: answer.AccessToken, expires: expires}, nil
}

func (a *azureCLI) explain(ctx context.Context, err error, complaint string) error {
	complaint = a.config.excerpt(strings.TrimPrefix(strings.TrimSpace(complaint), "ERROR: "))
	var exit *exec.ExitError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return azureCLIError(a.config, fmt.Sprintf("az account get-access-token did not end within %s", azTimeout))
	case !errors.As(err, &exit):
		return azureCLIError(a.config, fmt.Sprintf("az cannot be run: %s", err))
	case strings.Contains(complaint, "az login"):
		return azureCLIError(a.config, fmt.Sprintf("az is not logged in to this tenant. Run az login --tenant %s. It says: %s", a.config.TenantID.Text, complaint))
	}
	return azureCLIError(a.config, fmt.Sprintf("az account get-access-token fails (%s): %s", exit, complaint))
}

// azureCLIError adds what else there is when the CLI is only the last resort.
func azureCLIError(c *Config, problem string) error {
	e := &Error{Doing: "signing in with " + azureCLIName, Settings: []Setting{c.UseCLI, c.TenantID}, Problem: strings.TrimRight(problem, ". "), final: true}
	if c.UseCLI.Text == "" {
		e.Settings = nil
		e.Problem += ".\n\nIt was tried because nothing else is configured. " + alternatives(c)
	}
	return e
}

// bounds keeps the beginning of what is written to it.
type bounds struct{ bytes.Buffer }

// Write implements io.Writer.
func (b *bounds) Write(p []byte) (int, error) {
	if room := maxAzOutput - b.Len(); room > 0 {
		b.Buffer.Write(p[:min(len(p), room)])
	}
	return len(p), nil
}

var _ io.Writer = (*bounds)(nil)
