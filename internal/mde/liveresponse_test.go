package mde

import (
	"errors"
	"net"
	"net/http"
	"testing"
)

// One odd record must not spoil the list that all share.
func TestListActions_oddHResults(t *testing.T) {
	t.Parallel()
	client, _ := newTestClient(t, func(int, *http.Request) (*http.Response, error) {
		return reply(200, "application/json", `{"value":[{"id":"a","errorHResult":2149122456},{"id":"b","errorHResult":-2145844840},{"id":"c","errorHResult":null},{"id":"d","errorHResult":"0x80190198"},{"id":"e"}]}`), nil
	})
	got, err := collect(client.MachineActions.List(t.Context(), ""))
	if err != nil || len(got) != 5 {
		t.Fatalf("%+v, %v", got, err)
	}
	for i, want := range []HResult{-2145844840, -2145844840, 0, 0, 0} {
		if got[i].ErrorHResult != want {
			t.Errorf("%s: %d, want %d", got[i].ID, got[i].ErrorHResult, want)
		}
	}
}

// A start that finds no connection has not been sent.
func TestRun_unreachable(t *testing.T) {
	t.Parallel()
	for op, unsent := range map[string]bool{"dial": true, "read": false} {
		client, _ := newTestClient(t, func(int, *http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: op, Err: errors.New("connection refused")}
		})
		_, err := client.LiveResponse.Run(t.Context(), RunRequest{MachineID: "m"})
		if errors.Is(err, ErrUnreachable) != unsent || errors.Is(err, ErrOutcomeUnknown) == unsent {
			t.Errorf("%s: %v", op, err)
		}
	}
}
