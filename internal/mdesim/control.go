package mdesim

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// tenantView is the answer to GET /sim/state.
type tenantView struct {
	Now            time.Time       `json:"now"`
	Indicators     []Indicator     `json:"indicators"`
	LibraryFiles   []LibraryFile   `json:"libraryFiles"`
	Machines       []Machine       `json:"machines"`
	MachineActions []MachineAction `json:"machineActions"`
	Executed       []Execution     `json:"executed"`
}

// controlRoutes steer the simulator; they are no part of the API and ask for
// no token.
func (s *Server) controlRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "journal", handle: s.showJournal},
		{method: http.MethodDelete, path: "journal", handle: s.clearJournal},
		{method: http.MethodGet, path: "state", handle: s.showState},
		{method: http.MethodPost, path: "seed", handle: s.postSeed},
		{method: http.MethodPost, path: "reset", handle: s.postReset},
		{method: http.MethodPost, path: "advance", handle: s.postAdvance},
		{method: http.MethodPost, path: "faults", handle: s.postFault},
		{method: http.MethodDelete, path: "faults", handle: s.deleteFaults},
		{method: http.MethodPost, path: "library/{name}", handle: s.swapLibraryFile},
		{method: http.MethodDelete, path: "library/{name}", handle: s.dropLibraryFile},
		{method: http.MethodDelete, path: "indicators/{id}", handle: s.dropIndicator},
	}
}

func (s *Server) showJournal(*request) response {
	type call struct {
		Call
		Body string `json:"body"`
	}
	calls := []call{}
	for _, entry := range s.Journal() {
		calls = append(calls, call{Call: entry, Body: string(entry.Body)})
	}
	return answer(http.StatusOK, typeJSON, calls)
}

func (s *Server) clearJournal(*request) response {
	s.ResetJournal()
	return done()
}

func (s *Server) showState(*request) response {
	return answer(http.StatusOK, typeJSON, tenantView{
		Now: s.Now(), Indicators: s.Indicators(), LibraryFiles: s.LibraryFiles(), Machines: s.tenant.machines(),
		MachineActions: s.MachineActions(), Executed: s.Executed(),
	})
}

func (s *Server) postSeed(r *request) response {
	seed, err := DecodeSeed(r.body)
	if err != nil {
		return misunderstood(err)
	}
	s.Seed(seed)
	return done()
}

func (s *Server) postReset(*request) response {
	s.Reset()
	return done()
}

func (s *Server) postAdvance(r *request) response {
	type step struct {
		By span `json:"by"`
	}
	in, err := decodeStrictly[step](r.body)
	if err != nil {
		return misunderstood(err)
	}
	s.Advance(time.Duration(in.By))
	return done()
}

func (s *Server) postFault(r *request) response {
	type rule struct {
		Fault
		Delay span `json:"delay"`
	}
	in, err := decodeStrictly[rule](r.body)
	if err != nil {
		return misunderstood(err)
	}
	if ops := s.operations(); !slices.Contains(ops, in.Op) {
		return misunderstood(fmt.Errorf("op is %q; it must be one of %q", in.Op, ops))
	}
	if cuts := []Cut{CutNone, CutBeforeEffect, CutAfterEffect, CutBody}; !slices.Contains(cuts, in.Cut) {
		return misunderstood(fmt.Errorf("cut is %q; it must be one of %q", in.Cut, cuts))
	}
	in.Fault.Delay = time.Duration(in.Delay)
	s.AddFault(in.Fault)
	return done()
}

// operations are what a fault can spoil.
func (s *Server) operations() []Op {
	ops := []Op{OpToken, OpAssertion, OpIdentity, OpDownloadResult}
	for _, route := range s.apiRoutes() {
		ops = append(ops, route.op)
	}
	return ops
}

func (s *Server) deleteFaults(*request) response {
	s.ClearFaults()
	return done()
}

// swapLibraryFile stores the body as that file, as somebody in the portal would.
func (s *Server) swapLibraryFile(r *request) response {
	s.SeedLibraryFile(r.params["name"], r.body, nil)
	return done()
}

func (s *Server) dropLibraryFile(r *request) response {
	s.RemoveLibraryFile(r.params["name"])
	return done()
}

func (s *Server) dropIndicator(r *request) response {
	s.RemoveIndicator(r.params["id"])
	return done()
}

func done() response { return response{status: http.StatusNoContent} }

// misunderstood is the answer to a control call that cannot be read.
func misunderstood(err error) response {
	return failed(badRequest("InvalidRequestBody", "Request body is incorrect: %s.", err))
}
