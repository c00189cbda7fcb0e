(function () {
  "use strict";
  // The page is complete without this. It only adds filters, copying, and opening what a link points at.
  var table = document.querySelector("table.matrix");
  var box = document.querySelector(".filters");
  if (table && box) {
    var rows = Array.prototype.slice.call(table.querySelectorAll("tr[data-verdicts]"));
    var names = ["all", "diverges", "broken", "unsupported", "undecided", "conforms"];
    names.forEach(function (name) {
      var count = rows.filter(function (row) {
        return name === "all" || row.dataset.verdicts.split(" ").indexOf(name) >= 0;
      }).length;
      if (!count) { return; }
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = name === "all" ? "all rows" : name;
      button.setAttribute("aria-pressed", String(name === "all"));
      button.addEventListener("click", function () {
        rows.forEach(function (row) {
          row.hidden = name !== "all" && row.dataset.verdicts.split(" ").indexOf(name) < 0;
        });
        Array.prototype.forEach.call(table.tBodies, function (body) {
          body.hidden = !body.querySelector("tr[data-verdicts]:not([hidden])");
        });
        Array.prototype.forEach.call(box.children, function (other) {
          other.setAttribute("aria-pressed", String(other === button));
        });
      });
      box.appendChild(button);
    });
    box.hidden = box.children.length < 3;
  }
  if (navigator.clipboard) {
    Array.prototype.forEach.call(document.querySelectorAll("code.copy"), function (code) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "copy";
      button.addEventListener("click", function () {
        navigator.clipboard.writeText(code.textContent).then(function () {
          button.textContent = "copied";
          setTimeout(function () { button.textContent = "copy"; }, 1500);
        });
      });
      code.insertAdjacentElement("afterend", button);
    });
  }
  // A long picture begins where it matters: with the ring in sight.
  Array.prototype.forEach.call(document.querySelectorAll("svg.timeline .ring"), function (ring) {
    var box = ring.closest(".scroll");
    if (!box || box.scrollLeft) { return; }
    var at = ring.getBoundingClientRect(), frame = box.getBoundingClientRect();
    if (at.right > frame.right) { box.scrollLeft = at.right - frame.right + 24; }
  });
  // Paper has no clicks: open everything before printing.
  window.addEventListener("beforeprint", function () {
    Array.prototype.forEach.call(document.querySelectorAll("details"), function (it) { it.open = true; });
  });
})();
