# Figure difference, drawn by the workbench; `gnuplot difference.gp` draws it again.
# pictures: svg
# seal: 47e0998b37e6f28b
reset
set encoding utf8
set border 3 linewidth 1.2 linecolor rgb '#404040'
set tics nomirror out scale 0.6 textcolor rgb '#404040'
set minussign
set grid linetype 1 linecolor rgb '#E4E4E4' linewidth 1 dashtype solid
set style textbox opaque noborder fillcolor rgb '#FFFFFF' margins 0.4, 0.4
set tmargin at screen 0.83
set rmargin 3
set label 1 'How far the approaches are apart' at screen 0.025, 0.945 left font ',21'
set label 2 'from hand-gradients after each step, in w or b (the larger), in units in the last place' at screen 0.025, 0.88 left font ',15' textcolor rgb '#505050'
set bmargin 6.1
set xlabel 'step' offset 0, 0.3
set format x '%h'
set xrange [0:800]
set ylabel 'ulps'
set logscale y 10
set yrange [0.28840315031266056:14.12537544622754]
set ytics ('same bits' 0.4786300923226383, '1' 1, '10' 10)
set key at screen 0.5, screen 0.025 bottom center horizontal Left reverse samplen 3 spacing 1.25 maxcols 3 font ',15'
set object 10 rectangle from graph 0, first 0.28840315031266056 to graph 1, first 0.7943282347242815 behind fillcolor rgb '#EEEEEE' fillstyle solid noborder

set terminal svg enhanced size 960,600 dynamic background rgb 'white' font 'Sans,17' fontscale 1.3333
set output 'difference.svg'
mark = 0.456
set style line 1 linecolor rgb '#D55E00' linewidth 2.34 dashtype (14,5) pointtype 5 pointsize 1.3*mark
set style line 2 linecolor rgb '#009E73' linewidth 2.34 dashtype (4,4) pointtype 9 pointsize 1.3*mark
set style line 3 linecolor rgb '#CC79A7' linewidth 2.34 dashtype (14,4,3,4) pointtype 15 pointsize 1.3*mark
set style line 4 linecolor rgb '#E69F00' linewidth 2.34 dashtype (22,5) pointtype 11 pointsize 1.3*mark
plot \
  'difference.dat' index 0 with lines linestyle 1 notitle, \
  'difference.dat' index 0 using 1:3 with points linestyle 1 linewidth 1.6 notitle, \
  keyentry with linespoints linestyle 1 title 'tensor-autograd', \
  'difference.dat' index 1 with lines linestyle 1 notitle, \
  'difference.dat' index 1 using 1:3 with points linestyle 1 linewidth 1.6 notitle, \
  'difference.dat' index 2 with lines linestyle 2 notitle, \
  'difference.dat' index 2 using 1:3 with points linestyle 2 linewidth 1.6 notitle, \
  keyentry with linespoints linestyle 2 title 'nn-optim', \
  'difference.dat' index 3 with lines linestyle 2 notitle, \
  'difference.dat' index 3 using 1:3 with points linestyle 2 linewidth 1.6 notitle, \
  'difference.dat' index 4 with lines linestyle 3 notitle, \
  'difference.dat' index 4 using 1:3 with points linestyle 3 linewidth 1.6 notitle, \
  keyentry with linespoints linestyle 3 title 'static-graph', \
  'difference.dat' index 5 with lines linestyle 3 notitle, \
  'difference.dat' index 5 using 1:3 with points linestyle 3 linewidth 1.6 notitle, \
  'difference.dat' index 6 with lines linestyle 4 notitle, \
  'difference.dat' index 6 using 1:3 with points linestyle 4 linewidth 1.6 notitle, \
  keyentry with linespoints linestyle 4 title 'compiled-autodiff', \
  'difference.dat' index 7 with lines linestyle 4 notitle, \
  'difference.dat' index 7 using 1:3 with points linestyle 4 linewidth 1.6 notitle

unset output
