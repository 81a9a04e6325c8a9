package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// withoutSigningIn are the variables of a provider that is given a token.
func withoutSigningIn(server *mdesim.Server) []string {
	return []string{
		"MDE_ENDPOINT=" + server.URL(),
		"MDE_TENANT_ID=" + server.TenantID(),
		"MDE_ACCESS_TOKEN=" + server.AccessToken(),
	}
}

// signingIn are the variables of a provider that signs in first.
func signingIn(server *mdesim.Server, caFile string) []string {
	return []string{
		"MDE_ENDPOINT=" + server.URL(),
		"MDE_TENANT_ID=" + server.TenantID(),
		"MDE_CLIENT_ID=" + server.ClientID(),
		"MDE_CLIENT_SECRET=" + server.ClientSecret(),
		"MDE_AUTHORITY_HOST=" + server.AuthorityURL(),
		"SSL_CERT_FILE=" + caFile,
	}
}

// printEnvironment prints what to paste into the shell that is customary here.
func printEnvironment(w io.Writer, server *mdesim.Server, caFile string) {
	token := withoutSigningIn(server)
	fmt.Fprintln(w, "# A simulated Defender for Endpoint tenant. Paste this into another shell:")
	if heedsCAFile(runtime.GOOS) {
		fmt.Fprint(w, assignments(runtime.GOOS, signingIn(server, caFile)))
		fmt.Fprint(w, "# or, without signing in, in place of the last four:\n# ", assignments(runtime.GOOS, token[2:]))
	} else {
		fmt.Fprint(w, assignments(runtime.GOOS, token))
	}
	fmt.Fprintf(w, "# One machine is there: %s. Journal and state: %s/sim/journal, %s/sim/state\n",
		mdesim.DefaultMachineID, server.URL(), server.URL())
}

// heedsCAFile tells whether Go programs of that system take SSL_CERT_FILE for
// an authority: elsewhere a provider cannot sign in here.
func heedsCAFile(goos string) bool { return goos != "darwin" && goos != "windows" }

// assignments set variables in the POSIX shell, or in PowerShell.
func assignments(goos string, variables []string) string {
	var lines strings.Builder
	for _, variable := range variables {
		if goos == "windows" {
			name, value, _ := strings.Cut(variable, "=")
			variable = fmt.Sprintf("$env:%s = '%s'", name, value)
		} else {
			variable = "export " + variable
		}
		lines.WriteString(variable + "\n")
	}
	return lines.String()
}
