// The last page of a sign-in that began over another page: tells that page, wherever it is, and is done.
try { localStorage.setItem("huiyin.signed-in", `${document.body.dataset.user}.${Date.now()}`); } catch { /* the page says what to do */ }
